//! Each shape of the catalogue recognises its sample: log sources, Sigma's names, time, host, user.

#![allow(clippy::unwrap_used)] // Helpers of tests, too.

mod common;

use common::{catalogue, root, sample};
use event::Reader;

/// What a sample is expected to give.
struct Expected<'e> {
    shape: &'e str,
    /// Products, categories and services.
    label: &'e str,
    /// Time (after `2026-11-24T`), host and user; `-` for none.
    when_where_who: [&'e str; 3],
    values: &'e [(&'e str, &'e str)],
}

fn check(file: &str, line: usize, expected: Expected<'_>) {
    let json = sample(file, line);
    let mut reader = Reader::new(catalogue());
    let mut fields = Vec::new();
    let kind = reader.json(&json, &mut fields).unwrap_or_else(|e| panic!("{file}:{line}: {e}"));
    let mut unnested = Vec::new();
    let mut inner = Vec::new();
    let (kind, fields) = match reader.unnest(kind, &json, &mut unnested) {
        true => (reader.json(&unnested, &mut inner).expect("unnested JSON is JSON"), &inner),
        false => (kind, &fields),
    };
    let event = reader.event(kind, fields);
    let at = format!("{file}:{line} {}", String::from_utf8_lossy(&json));
    assert_eq!(&*event.kind.shape.shape, expected.shape, "{at}");
    assert_eq!(event.kind.label(), expected.label, "{at}");
    for (name, value) in expected.values {
        let found: Vec<String> = event
            .values(name)
            .filter_map(|v| v.text())
            .map(|v| event.kind.value_for(name, &v).unwrap_or(&v).to_owned())
            .collect();
        assert!(found.iter().any(|one| one == value), "{name}: {found:?}, not {value:?}\n{at}");
    }
    let time = event.time().map(|time| time.to_string());
    let time = time.as_deref().map_or("-", |t| t.trim_start_matches("2026-11-24T"));
    let host = event.host().unwrap_or("-".into());
    let user = event.user().unwrap_or("-".into());
    assert_eq!([time, &host, &user], expected.when_where_who, "{at}");
}

macro_rules! samples {
    ($($name:ident: $file:literal $line:literal is $shape:literal $label:literal at $when:literal $host:literal $user:literal with $values:expr;)*) => {$(
        #[test]
        fn $name() {
            check($file, $line, Expected {
                shape: $shape,
                label: $label,
                when_where_who: [$when, $host, $user],
                values: &$values,
            });
        }
    )*};
}

samples! {
    a_process_in_evtx_json_is_one: "windows-evtx.jsonl" 0 is "windows-evtx" "windows process_creation sysmon"
        at "08:30:00.123456Z" "WARD7-PC02.example.nhs.uk" r"EXAMPLE\nurse.anna"
        with [("Image", r"C:\Windows\System32\whoami.exe"), ("Provider_Name", "Microsoft-Windows-Sysmon"), ("EventID", "1"), ("ParentCommandLine", "cmd.exe")];
    a_channel_in_the_data_does_not_say_what_the_event_is: "windows-evtx.jsonl" 1 is "windows-evtx" "windows system"
        at "08:31:00Z" "DC1.example.nhs.uk" "-"
        with [("Channel", "Microsoft-Windows-PowerShell/Operational"), ("SubjectUserName", "admin.bob")];
    names_with_blanks_are_found_without_them: "windows-evtx.jsonl" 2 is "windows-evtx" "windows antivirus windefend"
        at "08:32:00Z" "WARD7-PC02.example.nhs.uk" "-"
        with [("ThreatName", "HackTool:Win32/Example"), ("Threat_Name", "HackTool:Win32/Example"), ("Signature", "HackTool:Win32/Example"), ("Filename", r"file:_C:\Users\anna\Downloads\tool.exe"), ("User", r"EXAMPLE\nurse.anna")];
    a_filtered_connection_is_a_network_connection: "windows-evtx.jsonl" 3 is "windows-evtx" "windows network_connection security"
        at "08:33:00Z" "PACS1.example.nhs.uk" "-"
        with [("Image", r"\device\harddiskvolume3\windows\system32\svchost.exe"), ("Initiated", "true"), ("DestinationPort", "443"), ("DestinationIp", "198.51.100.7"), ("SourceIp", "192.0.2.10"), ("Protocol", "tcp")];
    an_event_id_in_the_data_does_not_say_what_the_event_is: "windows-evtx.jsonl" 4 is "windows-evtx" "windows system"
        at "08:34:00Z" "PACS1.example.nhs.uk" "-"
        with [("EventID", "7045"), ("ServiceName", "updsvc")];
    a_flat_audited_process_is_a_process: "windows-flat.jsonl" 0 is "windows-flat" "windows process_creation security"
        at "08:30:00Z" "GP-SURGERY-01" "anna"
        with [("Image", r"C:\Windows\System32\net.exe"), ("ParentImage", r"C:\Windows\System32\cmd.exe"), ("IntegrityLevel", "High"), ("User", "anna"), ("LogonId", "0x3e7")];
    event_id_may_be_spelt_otherwise: "windows-flat.jsonl" 1 is "windows-flat" "windows taskscheduler"
        at "08:30:05Z" "GP-SURGERY-01" "-" with [("EventID", "106"), ("TaskName", r"\Updater")];
    event_id_may_be_spelt_with_a_blank: "windows-flat.jsonl" 2 is "windows-flat" "windows applocker"
        at "08:30:06Z" "GP-SURGERY-01" r"EXAMPLE\anna" with [("EventID", "8004"), ("Level", "x")];
    the_type_of_a_registry_event_decides_its_category: "windows-flat.jsonl" 3 is "windows-flat" "windows registry_delete registry_event sysmon"
        at "08:30:07.001Z" "GP-SURGERY-01" r"EXAMPLE\anna" with [("EventType", "DeleteKey")];
    a_row_of_windowsevent_is_read: "windows-nested.jsonl" 0 is "windows-nested" "windows network_connection sysmon"
        at "08:30:00Z" "PACS1" r"EXAMPLE\svc.pacs"
        with [("Image", r"C:\Users\Public\a.exe"), ("Provider_Name", "Microsoft-Windows-Sysmon"), ("DestinationPort", "4444")];
    get_winevent_is_read: "windows-viewer.jsonl" 0 is "windows-viewer" "windows ps_script powershell"
        at "08:30:00.5Z" "PC9" "S-1-5-21-1-2-3-1104" with [("EventID", "4104"), ("Provider_Name", "Microsoft-Windows-PowerShell")];
    splunk_s_classic_fields_are_read: "windows-viewer.jsonl" 1 is "windows-viewer" "windows system"
        at "08:30:01Z" "PC9" "SYSTEM" with [("EventID", "7036"), ("Provider_Name", "Service Control Manager")];
    nxlog_is_read: "windows-nxlog.jsonl" 0 is "windows-nxlog" "windows security"
        at "08:30:00Z" "EPR-APP1" "anna" with [("EventID", "4624"), ("Provider_Name", "Microsoft-Windows-Security-Auditing"), ("LogonType", "3")];
    winlogbeat_is_read: "windows-winlogbeat.jsonl" 0 is "windows-winlogbeat" "windows process_creation sysmon"
        at "08:30:00.123Z" "PC3.example.nhs.uk" r"EXAMPLE\anna" with [("Image", r"C:\Windows\System32\certutil.exe"), ("EventID", "1"), ("Channel", "Microsoft-Windows-Sysmon/Operational")];
    winlogbeat_without_event_code_is_read: "windows-winlogbeat.jsonl" 1 is "windows-winlogbeat" "windows dns-client"
        at "08:30:01Z" "PC3.example.nhs.uk" "anna" with [("QueryName", "example.org"), ("EventID", "3008")];
    winlogbeat_6_is_read: "windows-winlogbeat6.jsonl" 0 is "windows-winlogbeat6" "windows image_load sysmon"
        at "08:30:00.123Z" "PC4.example.nhs.uk" r"EXAMPLE\anna" with [("ImageLoaded", r"C:\b.dll"), ("Provider_Name", "Microsoft-Windows-Sysmon")];
    wazuh_s_small_letters_become_capitals: "windows-wazuh.jsonl" 0 is "windows-wazuh" "windows process_creation sysmon"
        at "08:30:00.1234567Z" "PC5.example.nhs.uk" r"EXAMPLE\\anna" with [("Image", r"C:\\Windows\\System32\\reg.exe"), ("ParentImage", r"C:\\Windows\\System32\\cmd.exe"), ("Channel", "Microsoft-Windows-Sysmon/Operational"), ("EventID", "1")];
    a_row_of_deviceprocessevents_is_a_process: "mde.jsonl" 0 is "mde" "windows process_creation"
        at "08:30:00.1234567Z" "pc6.example.nhs.uk" "anna" with [("Image", r"C:\Windows\System32\whoami.exe"), ("CommandLine", "whoami /groups"), ("ParentImage", r"c:\windows\system32\cmd.exe"), ("ParentCommandLine", "cmd.exe"), ("OriginalFileName", "whoami.exe"), ("User", "anna")];
    a_streamed_inbound_connection_has_the_other_side_as_source: "mde.jsonl" 1 is "mde" "windows network_connection"
        at "08:30:04Z" "pc6.example.nhs.uk" "network service" with [("SourceIp", "198.51.100.7"), ("DestinationPort", "3389"), ("Initiated", "false"), ("Image", r"c:\windows\system32\svchost.exe")];
    a_registry_number_of_defender_reads_as_sysmon_s: "mde.jsonl" 2 is "mde" "windows registry_event registry_set"
        at "08:30:06Z" "pc6" "anna" with [("TargetObject", r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Lsa"), ("Details", "DWORD (0x00000000)"), ("EventType", "SetValue"), ("Image", r"c:\windows\regedit.exe")];
    a_row_of_deviceimageloadevents_is_an_image_load: "mde.jsonl" 3 is "mde" "windows image_load"
        at "08:30:07Z" "pc6" "anna" with [("ImageLoaded", r"C:\Temp\x.dll"), ("Image", r"c:\temp\a.exe")];
    a_row_of_devicefileevents_is_a_file_event: "mde.jsonl" 4 is "mde" "windows file_event"
        at "08:30:08Z" "pc6" "anna" with [("TargetFilename", r"C:\Temp\x.hta"), ("Image", r"c:\temp\a.exe")];
    a_logon_of_defender_has_no_category: "mde.jsonl" 5 is "mde" "windows" at "08:30:09Z" "pc6" "anna" with [("LogonType", "Network")];
    azure_activity_is_read: "azure.jsonl" 0 is "azure" "azure activitylogs"
        at "08:30:00Z" "-" "-" with [("operationName", "MICROSOFT.AUTHORIZATION/ROLEASSIGNMENTS/WRITE"), ("properties.message", "Microsoft.Authorization/roleAssignments/write"), ("CategoryValue", "Administrative"), ("ResourceId", "/SUBSCRIPTIONS/0/RESOURCEGROUPS/EPR")];
    entra_sign_ins_are_read: "azure.jsonl" 1 is "azure" "azure signinlogs"
        at "08:30:01Z" "PC7" "anna@example.nhs.uk" with [("ResultType", "50126"), ("ResultDescription", "Invalid username or password."), ("AuthenticationRequirement", "singleFactorAuthentication"), ("DeviceDetail.isCompliant", "false"), ("Username", "anna@example.nhs.uk")];
    entra_audit_is_read: "azure.jsonl" 2 is "azure" "azure auditlogs"
        at "08:30:02Z" "-" "bob@example.nhs.uk" with [("properties.message", "Add member to role"), ("OperationName", "Add member to role"), ("Category", "RoleManagement"), ("LoggedByService", "Core Directory"), ("Status", "success")];
    entra_risk_is_read: "azure.jsonl" 3 is "azure" "azure riskdetection"
        at "08:30:03Z" "-" "anna@example.nhs.uk" with [("riskEventType", "unfamiliarFeatures")];
    a_row_of_signinlogs_is_read: "azure-workspace.jsonl" 0 is "azure-workspace" "azure signinlogs"
        at "08:30:00Z" "-" "anna@example.nhs.uk" with [("ResultType", "50057"), ("AuthenticationRequirement", "multiFactorAuthentication")];
    a_row_of_azureactivity_is_read: "azure-workspace.jsonl" 1 is "azure-workspace" "azure activitylogs"
        at "08:30:01Z" "-" "bob@example.nhs.uk" with [("operationName", "MICROSOFT.COMPUTE/VIRTUALMACHINES/DELETE"), ("CategoryValue", "Administrative")];
    a_risk_detection_of_graph_is_read: "azure-risk.jsonl" 0 is "azure-risk" "azure riskdetection"
        at "08:30:00Z" "-" "anna@example.nhs.uk" with [("riskEventType", "anonymizedIPAddress")];
    exchange_online_is_read: "m365.jsonl" 0 is "m365" "m365 audit exchange"
        at "08:30:00Z" "-" "anna@example.nhs.uk" with [("Operation", "New-InboxRule"), ("eventName", "New-InboxRule"), ("eventSource", "Exchange"), ("status", "success")];
    an_alert_of_the_compliance_centre_is_threat_management: "m365.jsonl" 1 is "m365" "m365 audit threat_detection threat_management"
        at "08:30:01Z" "-" "SecurityComplianceAlerts" with [("eventSource", "SecurityComplianceCenter"), ("eventName", "Activity from infrequent country"), ("status", "success")];
    audit_data_lifted_out_is_read: "m365.jsonl" 2 is "m365" "m365 audit"
        at "08:30:02Z" "-" "bob@example.nhs.uk" with [("Operation", "Disable Strong Authentication.")];
    audit_data_in_a_string_is_read: "m365.jsonl" 3 is "m365" "m365 audit exchange"
        at "08:30:03Z" "-" "bob@example.nhs.uk" with [("Operation", "New-TransportRule"), ("eventName", "New-TransportRule"), ("Name", "a \"b\"")];
    additional_fields_in_a_string_are_read: "mde.jsonl" 6 is "mde" "windows dns_query"
        at "08:30:10Z" "pc6" "anna" with [("QueryName", "example.onion"), ("Image", r"c:\temp\a.exe")];
    cloudtrail_is_read: "aws-cloudtrail.jsonl" 0 is "aws-cloudtrail" "aws cloudtrail"
        at "08:30:00Z" "-" "bob" with [("eventName", "StopLogging"), ("userIdentity.type", "IAMUser"), ("requestParameters.name", "trail")];
    cloudtrail_in_eventbridge_is_read: "aws-cloudtrail.jsonl" 1 is "aws-cloudtrail" "aws cloudtrail"
        at "08:30:01Z" "-" "arn:aws:iam::000000000000:root" with [("eventName", "PutBucketLogging"), ("userIdentity.type", "Root")];
    okta_is_read: "okta.jsonl" 0 is "okta" "okta okta"
        at "08:30:00Z" "-" "bob@example.nhs.uk" with [("eventType", "user.mfa.factor.deactivate"), ("eventtype", "user.mfa.factor.deactivate"), ("target.displayName", "Anna"), ("securityContext.isProxy", "true")];
    gcp_is_read: "gcp-audit.jsonl" 0 is "gcp-audit" "gcp gcp.audit"
        at "08:30:00Z" "-" "bob@example.nhs.uk" with [("gcp.audit.method_name", "storage.buckets.delete"), ("data.protoPayload.serviceName", "storage.googleapis.com"), ("data.protoPayload.resource.type", "gcs_bucket")];
    workspace_logins_in_gcp_are_read: "gcp-audit.jsonl" 1 is "gcp-audit" "gcp gcp.audit google_workspace.login"
        at "08:30:01Z" "-" "anna@example.nhs.uk" with [("protoPayload.metadata.event.eventName", "account_disabled_password_leak"), ("protoPayload.serviceName", "login.googleapis.com")];
    workspace_activity_is_read: "google-workspace.jsonl" 0 is "google-workspace" "gcp google_workspace.admin"
        at "08:30:00Z" "-" "bob@example.nhs.uk" with [("eventName", "ASSIGN_ROLE"), ("eventService", "admin.googleapis.com")];
    github_is_read: "github-audit.jsonl" 0 is "github-audit" "github audit"
        at "08:30:00Z" "-" "bob" with [("action", "org.disable_two_factor_requirement")];
    bitbucket_is_read: "bitbucket-audit.jsonl" 0 is "bitbucket-audit" "bitbucket audit"
        at "08:30:00Z" "-" "bob" with [("auditType.action", "Global SSH settings changed")];
    kubernetes_is_read: "kubernetes-audit.jsonl" 0 is "kubernetes-audit" "kubernetes application audit"
        at "08:30:00Z" "-" "system:serviceaccount:epr:deploy" with [("verb", "create"), ("objectRef.resource", "pods"), ("hostPath", "/"), ("capabilities", "SYS_ADMIN"), ("responseStatus.code", "201")];
    a_suricata_alert_is_read: "suricata.jsonl" 0 is "suricata" "suricata alert"
        at "08:30:00.123456Z" "sensor1" "-" with [("dst_ip", "198.51.100.7"), ("src_ip", "192.0.2.9")];
    a_suricata_query_is_dns: "suricata.jsonl" 1 is "suricata" "suricata dns dns"
        at "08:30:01Z" "sensor1" "-" with [("query", "example.onion"), ("record_type", "A")];
    suricata_http_is_proxy_and_webserver: "suricata.jsonl" 2 is "suricata" "suricata proxy webserver http"
        at "08:30:02Z" "sensor1" "-" with [("c-uri", "/a.exe?x=1"), ("cs-host", "example.org"), ("c-useragent", "made-up/1.0"), ("sc-status", "200")];
    a_suricata_flow_is_firewall: "suricata.jsonl" 3 is "suricata" "suricata firewall flow"
        at "08:30:03Z" "sensor1" "-" with [("dst_port", "23")];
    zeek_dns_is_dns: "zeek.jsonl" 0 is "zeek" "zeek dns dns"
        at "08:30:00.25Z" "sensor2" "-" with [("query", "example.org"), ("qtype_name", "TXT"), ("record_type", "TXT"), ("answer", "a"), ("id.resp_p", "53"), ("dst_port", "53")];
    zeek_http_is_proxy_and_webserver: "zeek.jsonl" 1 is "zeek" "zeek proxy webserver http"
        at "08:30:00Z" "-" "anna" with [("c-uri", "/x"), ("cs-method", "POST"), ("user_agent", "made-up/1.0")];
    zeek_smb_files_is_read: "zeek.jsonl" 2 is "zeek" "zeek smb_files"
        at "08:30:00Z" "-" "-" with [("path", r"\\srv\ADMIN$"), ("name", r"temp\x.exe")];
    zeek_conn_is_known_by_its_fields: "zeek-conn.jsonl" 0 is "zeek-conn" "zeek firewall conn"
        at "08:30:00Z" "-" "-" with [("dst_port", "23")];
    zeek_dce_rpc_is_known_by_its_fields: "zeek-dce_rpc.jsonl" 0 is "zeek-dce_rpc" "zeek dce_rpc"
        at "08:30:00Z" "-" "-" with [("endpoint", "svcctl"), ("operation", "CreateServiceW")];
    zeek_dns_is_known_by_its_fields: "zeek-dns.jsonl" 0 is "zeek-dns" "zeek dns dns"
        at "08:30:00Z" "-" "-" with [("query", "example.org"), ("record_type", "A"), ("answer", "198.51.100.7")];
    zeek_http_is_known_by_its_fields: "zeek-http.jsonl" 0 is "zeek-http" "zeek proxy http"
        at "08:30:00Z" "-" "anna" with [("c-uri", "/x"), ("c-useragent", "made-up/1.0")];
    zeek_smb_files_is_known_by_its_fields: "zeek-smb_files.jsonl" 0 is "zeek-smb_files" "zeek smb_files"
        at "08:30:00Z" "-" "-" with [("path", r"\\srv\IPC$"), ("name", "atsvc")];
    zeek_kerberos_is_known_by_its_fields: "zeek-kerberos.jsonl" 0 is "zeek-kerberos" "zeek kerberos"
        at "08:30:00Z" "-" "anna/EXAMPLE" with [("request_type", "TGS"), ("cipher", "rc4-hmac"), ("service", "host/x")];
    zeek_rdp_is_known_by_its_fields: "zeek-rdp.jsonl" 0 is "zeek-rdp" "zeek rdp"
        at "08:30:00Z" "-" "anna" with [("id.orig_h", "192.0.2.9")];
    zeek_x509_is_known_by_its_fields: "zeek-x509.jsonl" 0 is "zeek-x509" "zeek x509"
        at "08:30:00Z" "-" "-" with [("certificate.serial", "8BB00EE")];
    a_system_call_in_auditd_is_read: "auditd.log" 0 is "auditd" "linux auditd"
        at "08:30:00.25Z" "-" "anna" with [("type", "SYSCALL"), ("SYSCALL", "execve"), ("exe", "/usr/bin/cat"), ("key", "data"), ("key", "root"), ("a0", "55d0"), ("audit_id", "1795509000.250:24287")];
    arguments_in_auditd_are_decoded: "auditd.log" 1 is "auditd" "linux auditd"
        at "08:30:00.25Z" "-" "-" with [("type", "EXECVE"), ("a0", "cat"), ("a1", "/etc/shadow"), ("a2", "/tmp/a b")];
    proctitle_in_auditd_is_decoded: "auditd.log" 2 is "auditd" "linux auditd"
        at "08:30:00.25Z" "linux1" "-" with [("proctitle", "cat /etc/shadow")];
    messages_inside_auditd_are_taken_apart: "auditd.log" 3 is "auditd" "linux auditd"
        at "08:30:00.251Z" "-" "anna" with [("cmd", "id -u"), ("cwd", "/home/anna"), ("exe", "/usr/bin/sudo"), ("res", "success")];
    auditd_in_syslog_is_read: "auditd.log" 4 is "auditd" "linux auditd"
        at "08:30:00.252Z" "linux2" "-" with [("type", "PATH"), ("name", "/etc/passwd"), ("nametype", "NORMAL")];
    auditbeat_s_executed_is_a_process: "auditbeat.jsonl" 0 is "auditbeat" "linux process_creation auditd"
        at "08:30:00Z" "linux3" "anna" with [("Image", "/usr/bin/curl"), ("CommandLine", "curl http://198.51.100.7/x"), ("type", "syscall"), ("exe", "/usr/bin/curl")];
    filebeat_s_auditd_is_read: "auditbeat.jsonl" 1 is "auditbeat" "linux auditd"
        at "08:30:01Z" "linux3" "anna" with [("type", "EXECVE"), ("a1", "/etc/shadow")];
    laurel_s_execve_is_a_process: "laurel.jsonl" 0 is "laurel" "linux process_creation auditd"
        at "-" "linux4" "anna" with [("Image", "/usr/bin/nc"), ("CommandLine", "nc -l"), ("ParentImage", "/bin/bash"), ("CurrentDirectory", "/tmp"), ("SYSCALL", "execve")];
    sysmon_for_linux_is_linux_only: "linux-sysmon.log" 0 is "windows-flat" "linux process_creation sysmon"
        at "08:30:00.123456Z" "linux5" "root" with [("Image", "/usr/bin/bash"), ("CommandLine", "bash -c \"id && whoami\""), ("ParentImage", "/usr/sbin/cron")];
    windows_xml_is_read: "windows-xml.log" 0 is "windows-flat" "windows file_event sysmon"
        at "08:30:00.1234567Z" "PC8" r"EXAMPLE\anna" with [("TargetFilename", r"C:\Users\anna\x.hta"), ("Image", r"C:\a&b.exe"), ("UserID", "S-1-5-18")];
    user_data_in_xml_does_not_hide_the_system_s: "windows-xml.log" 1 is "windows-flat" "windows system"
        at "08:30:01Z" "PC8" "bob" with [("EventID", "104"), ("Channel", "Application"), ("Channel", "System"), ("Message", "The Application log file was cleared.")];
    data_without_names_in_xml_is_data: "windows-xml.log" 2 is "windows-flat" "windows msexchange-management"
        at "08:30:02Z" "EX1" "-" with [("Data", "New-MailboxExportRequest"), ("Data", "bob")];
    sshd_in_rfc_5424_is_read: "syslog.log" 0 is "syslog" "linux auth sshd syslog"
        at "08:30:00.5Z" "linux6" "-" with [("message", "Failed password for invalid user admin from 198.51.100.7 port 50000 ssh2"), ("pid", "4021")];
    sudo_in_rfc_3164_is_read: "syslog.log" 1 is "syslog" "linux auth sudo syslog"
        at "-" "linux6" "#-1" with [("USER", "#-1"), ("COMMAND", "/usr/bin/id"), ("program", "sudo"), ("timestamp", "Nov 24 08:30:01")];
    cron_in_rfc_3164_is_read: "syslog.log" 2 is "syslog" "linux cron syslog"
        at "-" "linux6" "-" with [("pid", "4022"), ("message", "(root) CMD (run-parts /etc/cron.hourly)")];
    syslog_with_a_full_time_is_read: "syslog.log" 3 is "syslog" "linux syslog"
        at "08:30:03Z" "linux6" "-" with [("program", "kernel"), ("message", "usb 1-1: new device")];
    structured_data_is_kept: "syslog.log" 4 is "syslog" "linux syslog"
        at "08:30:04Z" "linux6" "-" with [("structured_data", r#"[ex@32473 iut="3" note="a ] \" b"]"#), ("message", "the message"), ("msgid", "ID47")];
    a_program_in_a_record_of_opentelemetry_names_its_service: "otlp.jsonl" 0 is "otlp" "linux auth sshd"
        at "08:30:00Z" "gw1" "-" with [("message", "Accepted publickey for anna from 192.0.2.9 port 50000 ssh2")];
    a_process_of_opentelemetrys_conventions_has_sigmas_names: "otlp.jsonl" 1 is "otlp" "linux"
        at "08:30:00Z" "app1" "anna" with [("Image", "/usr/bin/curl"), ("CommandLine", "curl http://example.org/x")];
    a_source_type_of_splunk_names_a_log_source: "splunk-hec.jsonl" 0 is "splunk-hec" "linux auth"
        at "08:30:00.5Z" "gw1" "-" with [("message", "session opened for user anna")];
    an_event_of_splunk_without_a_known_source_type_has_no_log_source: "splunk-hec.jsonl" 1 is "splunk-hec" "unknown (splunk-hec)"
        at "08:30:00Z" "app1" "anna" with [];
    a_proxy_in_cef_has_the_names_of_proxy_rules: "cef.log" 2 is "cef" "zscaler proxy"
        at "08:30:00Z" "px1" "anna" with [("c-uri", "example.org/a"), ("cs-method", "GET"), ("sc-status", "403"), ("cs-host", "example.org"), ("r-dns", "example.org"), ("c-ip", "192.0.2.9"), ("RuleName", "Malware=bad"), ("cs1", "Malware=bad")];
    a_logged_command_of_cisco_is_aaa: "cisco.log" 0 is "cisco" "cisco aaa syslog"
        at "-" "-" "-" with [("mnemonic", "CFGLOG_LOGGEDCMD"), ("cisco_facility", "PARSER")];
    an_asa_is_cisco: "cisco.log" 1 is "cisco" "cisco syslog"
        at "-" "fw1" "-" with [("mnemonic", "302013")];
    a_message_of_cisco_is_read_behind_what_its_receiver_wrote: "cisco.log" 3 is "cisco" "cisco aaa syslog"
        at "-" "192.0.2.10" "-" with [("mnemonic", "CFGLOG_LOGGEDCMD")];
    bgp_of_cisco_is_bgp: "cisco.log" 2 is "cisco" "cisco bgp syslog"
        at "-" "router1" "-" with [("mnemonic", "NOTIFICATION")];
    fortigate_events_are_read: "fortigate.log" 0 is "fortigate" "fortigate event"
        at "08:30:00Z" "FW 1" "admin" with [("action", "Add"), ("cfgpath", "system.admin"), ("msg", "Add system.admin")];
    fortigate_traffic_is_firewall: "fortigate.log" 1 is "fortigate" "fortigate firewall traffic"
        at "08:30:01Z" "FW1" "anna" with [("dst_ip", "198.51.100.7"), ("dst_port", "23"), ("action", "accept")];
    cef_is_read: "cef.log" 0 is "cef" "paloalto firewall"
        at "08:30:00Z" "fw2" "anna" with [("dst_ip", "198.51.100.7"), ("action", "allow"), ("msg", "a message with blanks and a=b"), ("c-uri", "http://example.org/x"), ("Name", "TRAFFIC")];
    leef_is_read: "cef.log" 1 is "cef" "unknown (cef)"
        at "08:30:00Z" "-" "anna" with [("dst_ip", "198.51.100.7"), ("DeviceEventClassID", "4711")];
    duo_is_read: "cisco-duo.jsonl" 0 is "cisco-duo" "cisco duo"
        at "08:30:00Z" "pc1" "anna" with [("event_type", "authentication"), ("reason", "bypass_user")];
    onelogin_is_read: "onelogin.jsonl" 0 is "onelogin" "onelogin onelogin.events"
        at "08:30:00Z" "-" "anna" with [("event_type_id", "530")];
    opencanary_is_read: "opencanary.jsonl" 0 is "opencanary" "opencanary application"
        at "08:30:00Z" "canary-1" "root" with [("logtype", "4002")];
    a_process_of_elastic_on_a_mac_is_macos: "ecs-endpoint.jsonl" 0 is "ecs-endpoint" "macos process_creation"
        at "08:30:00Z" "mac1" "anna" with [("Image", "/usr/bin/osascript"), ("CommandLine", "osascript -e x"), ("ParentImage", "/bin/zsh")];
    a_file_of_elastic_on_windows_is_a_file_event: "ecs-endpoint.jsonl" 1 is "ecs-endpoint" "windows file_event"
        at "08:30:01Z" "pc1" "anna" with [("TargetFilename", r"C:\x.hta")];
    iis_in_json_is_a_web_server: "webserver.jsonl" 0 is "webserver" "webserver"
        at "08:30:00Z" "web1" "-" with [("cs-uri-query", "id=1+union+select"), ("cs-user-agent", "sqlmap"), ("sc-status", "200")];
    combined_logs_are_a_web_server_s: "access.log" 0 is "webserver" "webserver"
        at "08:30:00Z" "-" "anna" with [("cs-method", "GET"), ("cs-uri-stem", "/epr/a"), ("cs-uri-query", "id=1%27"), ("sc-status", "404"), ("cs-user-agent", "made-up/1.0 (\"x\")"), ("cs-referer", "https://example.org/")];
    common_logs_are_a_web_server_s: "access.log" 1 is "webserver" "webserver"
        at "08:30:00Z" "-" "-" with [("cs-method", "POST"), ("cs-uri-stem", "/x")];
    a_proxy_with_sigma_s_names_is_a_proxy: "proxy.jsonl" 0 is "proxy" "proxy"
        at "08:30:00Z" "proxy1" "anna" with [("c-uri", "http://example.org/a.exe"), ("cs-uri", "http://example.org/a.exe")];
    tags_are_believed: "tagged.jsonl" 0 is "tagged" "windows process_creation"
        at "08:30:00Z" "PC1" "anna" with [("Image", r"C:\Windows\System32\cmd.exe")];
    a_tagged_service_is_believed: "tagged.jsonl" 1 is "tagged" "linux clamav"
        at "08:30:00Z" "linux1" "-" with [("message", "Eicar FOUND")];
    unknown_tags_are_not_believed: "tagged.jsonl" 2 is "tagged" "unknown (tagged)"
        at "08:30:00Z" "h" "-" with [("message", "x")];
}

#[test]
fn every_shape_has_a_sample() {
    let source =
        std::fs::read_to_string(root().join("crates/language/event/tests/shapes.rs")).unwrap();
    for shape in catalogue().shapes().iter().filter(|shape| &*shape.shape != "unknown") {
        assert!(source.contains(&format!("is \"{}\" ", shape.shape)), "{} has none", shape.shape);
    }
}

#[test]
fn every_sample_is_tested() {
    let source =
        std::fs::read_to_string(root().join("crates/language/event/tests/shapes.rs")).unwrap();
    for entry in root().join("fixtures/events").read_dir().unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if name == "README.md" {
            continue;
        }
        for line in 0..std::fs::read_to_string(&path).unwrap().lines().count() {
            assert!(source.contains(&format!("\"{name}\" {line} is")), "{name}:{line} is not");
        }
    }
}
