SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
CREATE FUNCTION public.audit_entry_is_append_only() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'the audit trail is append-only'; END $$;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE public.access_token (
    id uuid NOT NULL,
    kind text NOT NULL,
    digest bytea NOT NULL,
    name text NOT NULL,
    organisation text,
    person uuid,
    part text,
    permissions text,
    made_by uuid,
    made_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    last_used_at bigint,
    revoked_by uuid,
    revoked_at bigint
);
CREATE TABLE public.access_version (
    id integer NOT NULL,
    version bigint NOT NULL,
    key_check bytea
);
CREATE TABLE public.alert (
    number bigint NOT NULL,
    state smallint NOT NULL,
    level smallint NOT NULL,
    verdict smallint,
    flood smallint NOT NULL,
    rule bigint NOT NULL,
    organisation text NOT NULL COLLATE pg_catalog."C",
    opened_at bigint NOT NULL,
    owner uuid,
    rank bigint NOT NULL,
    count bigint NOT NULL,
    first_seen bigint NOT NULL,
    last_seen bigint NOT NULL,
    closed_at bigint,
    devices bigint NOT NULL,
    device text NOT NULL COLLATE pg_catalog."C",
    device_key text NOT NULL COLLATE pg_catalog."C",
    device_id uuid,
    id uuid NOT NULL,
    is_current smallint NOT NULL,
    group_hash bigint NOT NULL,
    last_seq bigint NOT NULL,
    last_item bigint NOT NULL,
    version bigint NOT NULL
);
CREATE TABLE public.alert_count (
    organisation text NOT NULL COLLATE pg_catalog."C",
    level smallint NOT NULL,
    state smallint NOT NULL,
    count bigint NOT NULL
);
CREATE TABLE public.alert_deed (
    id uuid NOT NULL,
    alert uuid NOT NULL,
    at bigint NOT NULL,
    person uuid,
    kind text NOT NULL COLLATE pg_catalog."C",
    subject text COLLATE pg_catalog."C",
    text text NOT NULL COLLATE pg_catalog."C",
    before text COLLATE pg_catalog."C",
    act uuid NOT NULL,
    undone smallint NOT NULL
);
CREATE TABLE public.alert_device (
    alert uuid NOT NULL,
    device_key text NOT NULL COLLATE pg_catalog."C",
    device text NOT NULL COLLATE pg_catalog."C",
    count bigint NOT NULL,
    first_seen bigint NOT NULL,
    last_seen bigint NOT NULL
);
CREATE TABLE public.alert_evidence (
    alert uuid NOT NULL,
    slot smallint NOT NULL,
    ordinal bigint NOT NULL,
    seq bigint NOT NULL,
    item bigint NOT NULL,
    at bigint NOT NULL,
    received_at bigint NOT NULL,
    device text NOT NULL COLLATE pg_catalog."C",
    event text NOT NULL COLLATE pg_catalog."C",
    cut_bytes bigint NOT NULL,
    matched text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.alert_flood (
    rule text NOT NULL COLLATE pg_catalog."C",
    organisation text NOT NULL COLLATE pg_catalog."C",
    hour bigint NOT NULL,
    opened bigint NOT NULL,
    collected bigint NOT NULL
);
CREATE TABLE public.alert_head (
    id integer NOT NULL,
    number bigint NOT NULL,
    rule bigint NOT NULL
);
CREATE TABLE public.alert_rule (
    number bigint NOT NULL,
    rule text NOT NULL COLLATE pg_catalog."C",
    version text NOT NULL COLLATE pg_catalog."C",
    title text NOT NULL COLLATE pg_catalog."C",
    level smallint NOT NULL,
    status text NOT NULL COLLATE pg_catalog."C",
    tags text NOT NULL COLLATE pg_catalog."C",
    harm text NOT NULL COLLATE pg_catalog."C",
    action text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.alert_story (
    number bigint NOT NULL,
    headline text NOT NULL COLLATE pg_catalog."C",
    words text NOT NULL COLLATE pg_catalog."C",
    reason text NOT NULL COLLATE pg_catalog."C",
    rank text NOT NULL COLLATE pg_catalog."C",
    support text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.audit_entry (
    number bigint NOT NULL,
    at bigint NOT NULL,
    who_kind text NOT NULL,
    who_id uuid,
    what text NOT NULL,
    on_kind text NOT NULL,
    on_id text NOT NULL,
    organisation text,
    details text NOT NULL,
    previous bytea NOT NULL,
    digest bytea NOT NULL
);
CREATE TABLE public.audit_head (
    id integer NOT NULL,
    number bigint NOT NULL,
    digest bytea NOT NULL
);
CREATE TABLE public.checkpoint (
    consumer text NOT NULL COLLATE pg_catalog."C",
    seq bigint NOT NULL
);
CREATE TABLE public.dependency (
    created_at bigint NOT NULL,
    changed_at bigint NOT NULL,
    from_kind text NOT NULL COLLATE pg_catalog."C",
    from_code text NOT NULL COLLATE pg_catalog."C",
    to_kind text NOT NULL COLLATE pg_catalog."C",
    to_code text NOT NULL COLLATE pg_catalog."C",
    organisation text COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    reason text NOT NULL COLLATE pg_catalog."C",
    strength bigint NOT NULL
);
CREATE TABLE public.device (
    created_at bigint NOT NULL,
    changed_at bigint NOT NULL,
    id uuid NOT NULL,
    organisation text NOT NULL COLLATE pg_catalog."C",
    key text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    class text COLLATE pg_catalog."C",
    system text COLLATE pg_catalog."C",
    site text COLLATE pg_catalog."C",
    expected boolean NOT NULL,
    first_seen bigint,
    last_seen bigint,
    silent_at bigint,
    source uuid
);
CREATE TABLE public.device_total (
    organisation text NOT NULL COLLATE pg_catalog."C",
    seen bigint NOT NULL,
    expected bigint NOT NULL,
    last_seen bigint
);
CREATE TABLE public.exception (
    id uuid NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    rule text COLLATE pg_catalog."C",
    part_kind text NOT NULL COLLATE pg_catalog."C",
    part_code text NOT NULL COLLATE pg_catalog."C",
    conditions text NOT NULL COLLATE pg_catalog."C",
    device text COLLATE pg_catalog."C",
    reason text NOT NULL COLLATE pg_catalog."C",
    owner uuid NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    revoked_at bigint,
    revoked_by uuid
);
CREATE TABLE public.exception_hit (
    exception uuid NOT NULL,
    organisation text NOT NULL COLLATE pg_catalog."C",
    hits bigint NOT NULL,
    last_hit bigint NOT NULL
);
CREATE TABLE public.group_member (
    group_id uuid NOT NULL,
    organisation text NOT NULL COLLATE pg_catalog."C",
    created_at bigint NOT NULL
);
CREATE TABLE public.map_import (
    id uuid NOT NULL,
    person uuid,
    at bigint NOT NULL,
    file text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    added bigint NOT NULL,
    changed bigint NOT NULL,
    unchanged bigint NOT NULL,
    problems bigint NOT NULL
);
CREATE TABLE public.map_version (
    id bigint NOT NULL,
    version bigint NOT NULL
);
CREATE TABLE public.migration (
    version character varying NOT NULL,
    applied_at bigint NOT NULL
);
CREATE TABLE public.one_time_link (
    id uuid NOT NULL,
    kind text NOT NULL,
    digest bytea NOT NULL,
    person uuid,
    made_by uuid,
    made_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    used_at bigint,
    voided_at bigint
);
CREATE TABLE public.organisation (
    created_at bigint NOT NULL,
    changed_at bigint NOT NULL,
    code text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    name_key text NOT NULL COLLATE pg_catalog."C",
    type text NOT NULL COLLATE pg_catalog."C",
    region text COLLATE pg_catalog."C",
    icb text COLLATE pg_catalog."C",
    parent text COLLATE pg_catalog."C",
    town text NOT NULL COLLATE pg_catalog."C",
    postcode text NOT NULL COLLATE pg_catalog."C",
    patients bigint,
    latitude double precision,
    longitude double precision,
    silent_after bigint NOT NULL,
    closed_at bigint
);
CREATE TABLE public.organisation_group (
    created_at bigint NOT NULL,
    changed_at bigint NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.person (
    id uuid NOT NULL,
    login text NOT NULL,
    email text NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL,
    time_zone text NOT NULL,
    created_at bigint NOT NULL,
    last_sign_in_at bigint
);
CREATE TABLE public.recovery_code (
    id uuid NOT NULL,
    person uuid NOT NULL,
    digest bytea NOT NULL,
    made_at bigint NOT NULL,
    used_at bigint
);
CREATE TABLE public.role_grant (
    id uuid NOT NULL,
    person uuid NOT NULL,
    role text NOT NULL,
    part_kind text NOT NULL,
    part_code text,
    part_group uuid,
    valid_from bigint NOT NULL,
    valid_until bigint,
    given_by uuid,
    given_at bigint NOT NULL,
    revoked_by uuid,
    revoked_at bigint
);
CREATE TABLE public.rule_book (
    id bigint NOT NULL,
    version bigint NOT NULL
);
CREATE TABLE public.rule_day (
    rule text NOT NULL COLLATE pg_catalog."C",
    organisation text NOT NULL COLLATE pg_catalog."C",
    day bigint NOT NULL,
    hits bigint NOT NULL,
    alerts bigint NOT NULL,
    excepted bigint NOT NULL,
    off bigint NOT NULL
);
CREATE TABLE public.rule_folder (
    id uuid NOT NULL,
    name text NOT NULL,
    uploaded_by uuid NOT NULL,
    uploaded_at bigint NOT NULL,
    state smallint NOT NULL,
    changed_at bigint NOT NULL,
    files bigint NOT NULL,
    rules bigint NOT NULL,
    refused bigint NOT NULL,
    packed bytea NOT NULL
);
CREATE TABLE public.rule_switch (
    rule text NOT NULL COLLATE pg_catalog."C",
    part_kind text NOT NULL COLLATE pg_catalog."C",
    part_code text NOT NULL COLLATE pg_catalog."C",
    is_on smallint NOT NULL,
    reason text NOT NULL COLLATE pg_catalog."C",
    person uuid NOT NULL,
    at bigint NOT NULL
);
CREATE TABLE public.rule_verdict (
    rule text NOT NULL COLLATE pg_catalog."C",
    organisation text NOT NULL COLLATE pg_catalog."C",
    true_positive bigint NOT NULL,
    benign bigint NOT NULL,
    false_positive bigint NOT NULL
);
CREATE TABLE public.saved_view (
    id uuid NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    query text NOT NULL COLLATE pg_catalog."C",
    owner uuid NOT NULL,
    part_kind text COLLATE pg_catalog."C",
    part_code text COLLATE pg_catalog."C",
    created_at bigint NOT NULL
);
CREATE TABLE public.service (
    created_at bigint NOT NULL,
    changed_at bigint NOT NULL,
    code text NOT NULL COLLATE pg_catalog."C",
    organisation text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    name_key text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    patients_per_day bigint NOT NULL,
    criticality bigint NOT NULL,
    hours text NOT NULL COLLATE pg_catalog."C",
    closed_at bigint
);
CREATE TABLE public.session (
    id uuid NOT NULL,
    digest bytea NOT NULL,
    person uuid NOT NULL,
    stage text NOT NULL,
    method text NOT NULL,
    address text NOT NULL,
    agent text NOT NULL,
    started_at bigint NOT NULL,
    seen_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    ended_at bigint
);
CREATE TABLE public.sign_in_method (
    id uuid NOT NULL,
    person uuid NOT NULL,
    kind text NOT NULL,
    subject text,
    secret bytea NOT NULL,
    step bigint,
    added_at bigint NOT NULL,
    confirmed_at bigint
);
CREATE TABLE public.sign_in_throttle (
    subject text NOT NULL,
    failures bigint NOT NULL,
    last_at bigint NOT NULL,
    next_at bigint NOT NULL
);
CREATE TABLE public.site (
    created_at bigint NOT NULL,
    changed_at bigint NOT NULL,
    code text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    name_key text NOT NULL COLLATE pg_catalog."C",
    organisation text NOT NULL COLLATE pg_catalog."C",
    town text NOT NULL COLLATE pg_catalog."C",
    postcode text NOT NULL COLLATE pg_catalog."C",
    latitude double precision,
    longitude double precision
);
CREATE TABLE public.source_failure (
    id uuid NOT NULL,
    source uuid NOT NULL,
    at bigint NOT NULL,
    line bigint NOT NULL,
    reason text NOT NULL,
    sample text NOT NULL
);
CREATE TABLE public.source_minute (
    source uuid NOT NULL,
    minute bigint NOT NULL,
    events bigint NOT NULL,
    bytes bigint NOT NULL,
    refused bigint NOT NULL,
    unread bigint NOT NULL
);
CREATE TABLE public.source_state (
    source uuid NOT NULL,
    organisation text NOT NULL,
    first_at bigint NOT NULL,
    last_at bigint NOT NULL,
    events bigint NOT NULL,
    bytes bigint NOT NULL,
    refused bigint NOT NULL,
    unread bigint NOT NULL,
    lag_s bigint
);
CREATE TABLE public.supplier (
    created_at bigint NOT NULL,
    changed_at bigint NOT NULL,
    code text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    name_key text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.system (
    created_at bigint NOT NULL,
    changed_at bigint NOT NULL,
    code text NOT NULL COLLATE pg_catalog."C",
    organisation text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    name_key text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    supplier text COLLATE pg_catalog."C",
    criticality bigint NOT NULL,
    closed_at bigint
);
INSERT INTO public.access_token VALUES ('01a20cad-b380-7afa-960a-ae0208643578', 'api', '\xa7416a3d366fe702341cda4905ca5418156b6b68b5436ed5518f6b7734a8a422', 'example report', NULL, '01a20cad-1740-7101-82bb-ede991b9474a', 'organisation:RX1', 'alerts.view', '01a20cad-1740-7101-82bb-ede991b9474a', 1795509040000000, 1827045040000000, NULL, NULL, NULL);
INSERT INTO public.access_token VALUES ('01a20cad-b768-7828-80f2-72606cc01638', 'ingest', '\xf6c66c2edab20b69fbdfc98736c0d23e631b38d6182ee3aaaba6527f20f6a2e8', 'example shipper', 'RX1', NULL, NULL, NULL, '01a20cad-1740-7101-82bb-ede991b9474a', 1795509041000000, 1827045041000000, NULL, NULL, NULL);
INSERT INTO public.access_token VALUES ('01a20cad-bb50-7ec1-8c32-4d299935f70a', 'ingest', '\x1752d4abd401d7a021c6700c0e038a7b126bb3c0b674b406a481359eb1300f23', 'example shipper of last year', 'RX1', NULL, NULL, NULL, '01a20cad-1740-7101-82bb-ede991b9474a', 1795509042000000, 1827045042000000, NULL, '01a20cad-1740-7101-82bb-ede991b9474a', 1795509043000000);
INSERT INTO public.access_version VALUES (1, 6, '\x1ed3dc18914a7db16a7d75debbccf64aad824c5c88c7c47eff48287403755cd7');
INSERT INTO public.alert VALUES (1, 0, 0, NULL, 0, 1, 'RX1', 1795509001000000, NULL, 7500, 1, 1795509000000000, 1795509000000000, NULL, 1, 'EX-PC-0', 'ex-pc-0', NULL, '01a20cad-1b28-7501-9aa8-f89c20f12330', 1, 6702459071045597843, 1, 0, 1);
INSERT INTO public.alert VALUES (2, 1, 1, NULL, 0, 2, 'RX1', 1795509002000000, '01a20cad-1740-7101-82bb-ede991b9474a', 30000, 1, 1795509001000000, 1795509001000000, NULL, 1, 'EX-PC-1', 'ex-pc-1', NULL, '01a20cad-1f10-72b1-a06d-d448cfa1d143', 1, -3460980292110795937, 1, 1, 2);
INSERT INTO public.alert VALUES (3, 1, 2, NULL, 0, 3, 'RX1', 1795509003000000, '01a20cad-3e50-7de8-82cf-f4894ed1d98d', 67500, 1, 1795509002000000, 1795509002000000, NULL, 1, 'EX-PC-2', 'ex-pc-2', NULL, '01a20cad-22f8-75cf-8c73-e80304f700d4', 1, 288374626829257195, 1, 2, 2);
INSERT INTO public.alert VALUES (4, 2, 3, 0, 0, 4, 'RX1', 1795509004000000, '01a20cad-1740-7101-82bb-ede991b9474a', 112500, 1, 1795509003000000, 1795509003000000, 1795509503000000, 1, 'EX-PC-3', 'ex-pc-3', NULL, '01a20cad-26e0-7ef0-a999-36b32ecbf15f', 1, 7765740142930158191, 1, 3, 2);
INSERT INTO public.alert VALUES (5, 2, 4, 1, 0, 5, 'RX1', 1795509005000000, '01a20cad-1740-7101-82bb-ede991b9474a', 150000, 1, 1795509004000000, 1795509004000000, 1795509504000000, 1, 'EX-PC-4', 'ex-pc-4', NULL, '01a20cad-2ac8-7957-8001-76aea00165a5', 1, -2721569006769431733, 1, 4, 2);
INSERT INTO public.alert VALUES (6, 2, 0, 2, 0, 6, 'RX1', 1795509006000000, '01a20cad-1740-7101-82bb-ede991b9474a', 7500, 1, 1795509005000000, 1795509005000000, 1795509505000000, 1, 'EX-PC-5', 'ex-pc-5', NULL, '01a20cad-2eb0-7296-a9d0-36f641a2b649', 1, -800549977761223441, 1, 5, 2);
INSERT INTO public.alert VALUES (7, 1, 1, NULL, 0, 7, 'RX1', 1795509007000000, '01a20cad-1740-7101-82bb-ede991b9474a', 30000, 1, 1795509006000000, 1795509006000000, NULL, 1, 'EX-PC-6', 'ex-pc-6', NULL, '01a20cad-3298-7f76-b947-6d202e4791cd', 1, -2330113774722352557, 1, 6, 3);
INSERT INTO public.alert VALUES (8, 0, 2, NULL, 0, 8, 'RX1', 1795509008000000, NULL, 67500, 1, 1795509007000000, 1795509007000000, NULL, 1, 'EX-PC-7', 'ex-pc-7', NULL, '01a20cad-3680-7693-8401-d52b18f64d20', 1, 110923643753202463, 1, 7, 3);
INSERT INTO public.alert VALUES (9, 0, 0, NULL, 0, 9, 'RX1', 1795509301000000, NULL, 7500, 1, 1795509300000000, 1795509300000000, NULL, 1, 'EX-LAB-0', 'ex-lab-0', NULL, '01a20cb1-af08-7914-8efe-9631d1852a0a', 1, 540388054228293547, 2, 0, 1);
INSERT INTO public.alert VALUES (10, 0, 3, NULL, 1, 9, 'RX1', 1795509302000000, NULL, 112500, 3, 1795509301000000, 1795509303000000, NULL, 3, '', '', NULL, '01a20cb1-b2f0-7f19-abb1-d21242ec46d4', 1, 2204017426539670308, 2, 3, 1);
INSERT INTO public.alert_count VALUES ('RX1', 3, 2, 1);
INSERT INTO public.alert_count VALUES ('RX1', 4, 0, 0);
INSERT INTO public.alert_count VALUES ('RX1', 4, 2, 1);
INSERT INTO public.alert_count VALUES ('RX1', 0, 2, 1);
INSERT INTO public.alert_count VALUES ('RX1', 1, 0, 0);
INSERT INTO public.alert_count VALUES ('RX1', 1, 1, 2);
INSERT INTO public.alert_count VALUES ('RX1', 1, 2, 0);
INSERT INTO public.alert_count VALUES ('RX1', 2, 0, 1);
INSERT INTO public.alert_count VALUES ('RX1', 2, 1, 1);
INSERT INTO public.alert_count VALUES ('RX1', 0, 0, 2);
INSERT INTO public.alert_count VALUES ('RX1', 3, 0, 1);
INSERT INTO public.alert_deed VALUES ('01a20cad-1b28-79dd-b3a6-d6293ff4aac3', '01a20cad-1b28-7501-9aa8-f89c20f12330', 1795509001000000, NULL, 'opened', NULL, '', NULL, '01a20cad-1b28-79dd-b3a6-d6293ff4aac3', 0);
INSERT INTO public.alert_deed VALUES ('01a20cad-1f10-7d7e-a8d4-ec8efe5b6b1b', '01a20cad-1f10-72b1-a06d-d448cfa1d143', 1795509002000000, NULL, 'opened', NULL, '', NULL, '01a20cad-1f10-7d7e-a8d4-ec8efe5b6b1b', 0);
INSERT INTO public.alert_deed VALUES ('01a20cad-22f8-7ebb-bec0-af4e880d653d', '01a20cad-22f8-75cf-8c73-e80304f700d4', 1795509003000000, NULL, 'opened', NULL, '', NULL, '01a20cad-22f8-7ebb-bec0-af4e880d653d', 0);
INSERT INTO public.alert_deed VALUES ('01a20cad-26e0-7eca-a2c2-d153680488ad', '01a20cad-26e0-7ef0-a999-36b32ecbf15f', 1795509004000000, NULL, 'opened', NULL, '', NULL, '01a20cad-26e0-7eca-a2c2-d153680488ad', 0);
INSERT INTO public.alert_deed VALUES ('01a20cad-2ac8-7326-b992-a3fa49bad3ed', '01a20cad-2ac8-7957-8001-76aea00165a5', 1795509005000000, NULL, 'opened', NULL, '', NULL, '01a20cad-2ac8-7326-b992-a3fa49bad3ed', 0);
INSERT INTO public.alert_deed VALUES ('01a20cad-2eb0-7600-a474-ffa737513999', '01a20cad-2eb0-7296-a9d0-36f641a2b649', 1795509006000000, NULL, 'opened', NULL, '', NULL, '01a20cad-2eb0-7600-a474-ffa737513999', 0);
INSERT INTO public.alert_deed VALUES ('01a20cad-3298-71dc-be58-b8cb6d8aad29', '01a20cad-3298-7f76-b947-6d202e4791cd', 1795509007000000, NULL, 'opened', NULL, '', NULL, '01a20cad-3298-71dc-be58-b8cb6d8aad29', 0);
INSERT INTO public.alert_deed VALUES ('01a20cad-3680-7a27-9729-8ff2e93deb07', '01a20cad-3680-7693-8401-d52b18f64d20', 1795509008000000, NULL, 'opened', NULL, '', NULL, '01a20cad-3680-7a27-9729-8ff2e93deb07', 0);
INSERT INTO public.alert_deed VALUES ('01a20cb4-b860-7b29-8990-d7109545c5d2', '01a20cad-1f10-72b1-a06d-d448cfa1d143', 1795509500000000, '01a20cad-1740-7101-82bb-ede991b9474a', 'taken', NULL, '', '{"state":"new","owner":null,"verdict":null,"reason":"","closed_at":null}', '01a20cb4-b860-7d04-9d4b-bb10b2262c05', 0);
INSERT INTO public.alert_deed VALUES ('01a20cb4-bc48-7f3b-8a91-6b6a823de4d5', '01a20cad-22f8-75cf-8c73-e80304f700d4', 1795509501000000, '01a20cad-1740-7101-82bb-ede991b9474a', 'handed_over', '01a20cad-3e50-7de8-82cf-f4894ed1d98d', 'an example', '{"state":"new","owner":null,"verdict":null,"reason":"","closed_at":null}', '01a20cb4-bc48-7370-9a81-d8eca40f01a0', 0);
INSERT INTO public.alert_deed VALUES ('01a20cb4-c030-7b4b-9534-980996730c1b', '01a20cad-22f8-75cf-8c73-e80304f700d4', 1795509502000000, '01a20cad-1740-7101-82bb-ede991b9474a', 'commented', NULL, 'Asked the ward.', '{"state":"taken","owner":"01a20cad-3e50-7de8-82cf-f4894ed1d98d","verdict":null,"reason":"","closed_at":null}', '01a20cb4-c030-79d4-a44f-f4b14a0e3959', 0);
INSERT INTO public.alert_deed VALUES ('01a20cb4-c418-7be5-b346-efa695eec211', '01a20cad-26e0-7ef0-a999-36b32ecbf15f', 1795509503000000, '01a20cad-1740-7101-82bb-ede991b9474a', 'closed', 'true_positive', 'an example', '{"state":"new","owner":null,"verdict":null,"reason":"","closed_at":null}', '01a20cb4-c418-79f4-a32f-1058feb47d92', 0);
INSERT INTO public.alert_deed VALUES ('01a20cb4-c800-7168-be1b-5232c928aeab', '01a20cad-2ac8-7957-8001-76aea00165a5', 1795509504000000, '01a20cad-1740-7101-82bb-ede991b9474a', 'closed', 'benign', 'an example', '{"state":"new","owner":null,"verdict":null,"reason":"","closed_at":null}', '01a20cb4-c800-771b-a626-6d8afa05ee11', 0);
INSERT INTO public.alert_deed VALUES ('01a20cb4-cbe8-7511-82b7-d533a6f6c1bd', '01a20cad-2eb0-7296-a9d0-36f641a2b649', 1795509505000000, '01a20cad-1740-7101-82bb-ede991b9474a', 'closed', 'false_positive', 'an example', '{"state":"new","owner":null,"verdict":null,"reason":"","closed_at":null}', '01a20cb4-cbe8-7a70-a379-e14cc2a94ac0', 0);
INSERT INTO public.alert_deed VALUES ('01a20cb4-cfd0-7bea-9223-081bdb7a2c2e', '01a20cad-3298-7f76-b947-6d202e4791cd', 1795509506000000, '01a20cad-1740-7101-82bb-ede991b9474a', 'closed', 'benign', 'an example', '{"state":"new","owner":null,"verdict":null,"reason":"","closed_at":null}', '01a20cb4-cfd0-76dd-834c-80f3c4cc35d1', 0);
INSERT INTO public.alert_deed VALUES ('01a20cb4-d3b8-7c81-9be4-8f833f5e8e61', '01a20cad-3298-7f76-b947-6d202e4791cd', 1795509507000000, '01a20cad-1740-7101-82bb-ede991b9474a', 'reopened', NULL, 'an example', '{"state":"closed","owner":"01a20cad-1740-7101-82bb-ede991b9474a","verdict":"benign","reason":"an example","closed_at":1795509506000000}', '01a20cb4-d3b8-7fb4-8637-46df6b57a18c', 0);
INSERT INTO public.alert_deed VALUES ('01a20cb4-d7a0-7eaf-9225-1daeb0022484', '01a20cad-3680-7693-8401-d52b18f64d20', 1795509508000000, '01a20cad-1740-7101-82bb-ede991b9474a', 'taken', NULL, '', '{"state":"new","owner":null,"verdict":null,"reason":"","closed_at":null}', '01a20cb4-d7a0-70d2-98d3-cc7c51dc3a76', 1);
INSERT INTO public.alert_deed VALUES ('01a20cb5-0680-7c6a-84b6-dee623cbe85f', '01a20cad-3680-7693-8401-d52b18f64d20', 1795509520000000, '01a20cad-1740-7101-82bb-ede991b9474a', 'undone', '01a20cb4-d7a0-7eaf-9225-1daeb0022484', '', '{"state":"taken","owner":"01a20cad-1740-7101-82bb-ede991b9474a","verdict":null,"reason":"","closed_at":null}', '01a20cb5-0680-706a-87ac-2fbc96dd969a', 0);
INSERT INTO public.alert_deed VALUES ('01a20cad-3e50-7444-a4be-105bf732d2f6', '01a20cad-1b28-7501-9aa8-f89c20f12330', 1795509010000000, '01a20cad-1740-7101-82bb-ede991b9474a', 'exception_made', '01a20cad-3e50-7e2a-8010-d9417d30c2c2', '', '{"state":"new","owner":null,"verdict":null,"reason":"","closed_at":null}', '01a20cad-3e50-7ed9-a61a-e31247e19a4d', 0);
INSERT INTO public.alert_deed VALUES ('01a20cb1-af08-7123-a74e-79a6e72cc3d2', '01a20cb1-af08-7914-8efe-9631d1852a0a', 1795509301000000, NULL, 'opened', NULL, '', NULL, '01a20cb1-af08-7123-a74e-79a6e72cc3d2', 0);
INSERT INTO public.alert_deed VALUES ('01a20cb1-b2f0-7484-9209-fd09f97dd329', '01a20cb1-b2f0-7f19-abb1-d21242ec46d4', 1795509302000000, NULL, 'opened', NULL, '', NULL, '01a20cb1-b2f0-7484-9209-fd09f97dd329', 0);
INSERT INTO public.alert_device VALUES ('01a20cb1-b2f0-7f19-abb1-d21242ec46d4', 'ex-lab-1', 'EX-LAB-1', 1, 1795509301000000, 1795509301000000);
INSERT INTO public.alert_device VALUES ('01a20cb1-b2f0-7f19-abb1-d21242ec46d4', 'ex-lab-2', 'EX-LAB-2', 1, 1795509302000000, 1795509302000000);
INSERT INTO public.alert_device VALUES ('01a20cb1-b2f0-7f19-abb1-d21242ec46d4', 'ex-lab-3', 'EX-LAB-3', 1, 1795509303000000, 1795509303000000);
INSERT INTO public.alert_evidence VALUES ('01a20cad-1b28-7501-9aa8-f89c20f12330', 0, 1, 1, 0, 1795509000000000, 1795509001000000, 'EX-PC-0', '{"Image":"C:\\a.exe","device":"EX-PC"}', 0, '[{"field":"Image","value":"C:\\a.exe","condition":"endswith a.exe"}]');
INSERT INTO public.alert_evidence VALUES ('01a20cad-1f10-72b1-a06d-d448cfa1d143', 0, 1, 1, 1, 1795509001000000, 1795509002000000, 'EX-PC-1', '{"Image":"C:\\a.exe","device":"EX-PC"}', 0, '[{"field":"Image","value":"C:\\a.exe","condition":"endswith a.exe"}]');
INSERT INTO public.alert_evidence VALUES ('01a20cad-22f8-75cf-8c73-e80304f700d4', 0, 1, 1, 2, 1795509002000000, 1795509003000000, 'EX-PC-2', '{"Image":"C:\\a.exe","device":"EX-PC"}', 0, '[{"field":"Image","value":"C:\\a.exe","condition":"endswith a.exe"}]');
INSERT INTO public.alert_evidence VALUES ('01a20cad-26e0-7ef0-a999-36b32ecbf15f', 0, 1, 1, 3, 1795509003000000, 1795509004000000, 'EX-PC-3', '{"Image":"C:\\a.exe","device":"EX-PC"}', 0, '[{"field":"Image","value":"C:\\a.exe","condition":"endswith a.exe"}]');
INSERT INTO public.alert_evidence VALUES ('01a20cad-2ac8-7957-8001-76aea00165a5', 0, 1, 1, 4, 1795509004000000, 1795509005000000, 'EX-PC-4', '{"Image":"C:\\a.exe","device":"EX-PC"}', 0, '[{"field":"Image","value":"C:\\a.exe","condition":"endswith a.exe"}]');
INSERT INTO public.alert_evidence VALUES ('01a20cad-2eb0-7296-a9d0-36f641a2b649', 0, 1, 1, 5, 1795509005000000, 1795509006000000, 'EX-PC-5', '{"Image":"C:\\a.exe","device":"EX-PC"}', 0, '[{"field":"Image","value":"C:\\a.exe","condition":"endswith a.exe"}]');
INSERT INTO public.alert_evidence VALUES ('01a20cad-3298-7f76-b947-6d202e4791cd', 0, 1, 1, 6, 1795509006000000, 1795509007000000, 'EX-PC-6', '{"Image":"C:\\a.exe","device":"EX-PC"}', 0, '[{"field":"Image","value":"C:\\a.exe","condition":"endswith a.exe"}]');
INSERT INTO public.alert_evidence VALUES ('01a20cad-3680-7693-8401-d52b18f64d20', 0, 1, 1, 7, 1795509007000000, 1795509008000000, 'EX-PC-7', '{"Image":"C:\\a.exe","device":"EX-PC"}', 0, '[{"field":"Image","value":"C:\\a.exe","condition":"endswith a.exe"}]');
INSERT INTO public.alert_evidence VALUES ('01a20cb1-af08-7914-8efe-9631d1852a0a', 0, 1, 2, 0, 1795509300000000, 1795509301000000, 'EX-LAB-0', '{"Image":"C:\\a.exe","device":"EX-LAB"}', 0, '[{"field":"Image","value":"C:\\a.exe","condition":"endswith a.exe"}]');
INSERT INTO public.alert_evidence VALUES ('01a20cb1-b2f0-7f19-abb1-d21242ec46d4', 0, 1, 2, 1, 1795509301000000, 1795509302000000, 'EX-LAB-1', '{"Image":"C:\\a.exe","device":"EX-LAB"}', 0, '[{"field":"Image","value":"C:\\a.exe","condition":"endswith a.exe"}]');
INSERT INTO public.alert_evidence VALUES ('01a20cb1-b2f0-7f19-abb1-d21242ec46d4', 1, 2, 2, 2, 1795509302000000, 1795509303000000, 'EX-LAB-2', '{"Image":"C:\\a.exe","device":"EX-LAB"}', 0, '[{"field":"Image","value":"C:\\a.exe","condition":"endswith a.exe"}]');
INSERT INTO public.alert_evidence VALUES ('01a20cb1-b2f0-7f19-abb1-d21242ec46d4', 2, 3, 2, 3, 1795509303000000, 1795509304000000, 'EX-LAB-3', '{"Image":"C:\\a.exe","device":"EX-LAB"}', 0, '[{"field":"Image","value":"C:\\a.exe","condition":"endswith a.exe"}]');
INSERT INTO public.alert_flood VALUES ('example-0', '', 498752, 1, 0);
INSERT INTO public.alert_flood VALUES ('example-0', 'RX1', 498752, 1, 0);
INSERT INTO public.alert_flood VALUES ('example-1', '', 498752, 1, 0);
INSERT INTO public.alert_flood VALUES ('example-1', 'RX1', 498752, 1, 0);
INSERT INTO public.alert_flood VALUES ('example-2', '', 498752, 1, 0);
INSERT INTO public.alert_flood VALUES ('example-2', 'RX1', 498752, 1, 0);
INSERT INTO public.alert_flood VALUES ('example-3', '', 498752, 1, 0);
INSERT INTO public.alert_flood VALUES ('example-3', 'RX1', 498752, 1, 0);
INSERT INTO public.alert_flood VALUES ('example-4', '', 498752, 1, 0);
INSERT INTO public.alert_flood VALUES ('example-4', 'RX1', 498752, 1, 0);
INSERT INTO public.alert_flood VALUES ('example-5', '', 498752, 1, 0);
INSERT INTO public.alert_flood VALUES ('example-5', 'RX1', 498752, 1, 0);
INSERT INTO public.alert_flood VALUES ('example-6', '', 498752, 1, 0);
INSERT INTO public.alert_flood VALUES ('example-6', 'RX1', 498752, 1, 0);
INSERT INTO public.alert_flood VALUES ('example-7', '', 498752, 1, 0);
INSERT INTO public.alert_flood VALUES ('example-7', 'RX1', 498752, 1, 0);
INSERT INTO public.alert_flood VALUES ('example-flood', '', 498752, 1, 3);
INSERT INTO public.alert_flood VALUES ('example-flood', 'RX1', 498752, 1, 3);
INSERT INTO public.alert_head VALUES (1, 10, 9);
INSERT INTO public.alert_rule VALUES (1, 'example-0', '1', 'Example rule', 0, 'test', 'attack.impact attack.t1490', 'What cannot be restored stops care.', 'Look at the device.');
INSERT INTO public.alert_rule VALUES (2, 'example-1', '1', 'Example rule', 1, 'test', 'attack.impact attack.t1490', 'What cannot be restored stops care.', 'Look at the device.');
INSERT INTO public.alert_rule VALUES (3, 'example-2', '1', 'Example rule', 2, 'test', 'attack.impact attack.t1490', 'What cannot be restored stops care.', 'Look at the device.');
INSERT INTO public.alert_rule VALUES (4, 'example-3', '1', 'Example rule', 3, 'test', 'attack.impact attack.t1490', 'What cannot be restored stops care.', 'Look at the device.');
INSERT INTO public.alert_rule VALUES (5, 'example-4', '1', 'Example rule', 4, 'test', 'attack.impact attack.t1490', 'What cannot be restored stops care.', 'Look at the device.');
INSERT INTO public.alert_rule VALUES (6, 'example-5', '1', 'Example rule', 0, 'test', 'attack.impact attack.t1490', 'What cannot be restored stops care.', 'Look at the device.');
INSERT INTO public.alert_rule VALUES (7, 'example-6', '1', 'Example rule', 1, 'test', 'attack.impact attack.t1490', 'What cannot be restored stops care.', 'Look at the device.');
INSERT INTO public.alert_rule VALUES (8, 'example-7', '1', 'Example rule', 2, 'test', 'attack.impact attack.t1490', 'What cannot be restored stops care.', 'Look at the device.');
INSERT INTO public.alert_rule VALUES (9, 'example-flood', '1', 'Example rule', 3, 'test', 'attack.impact attack.t1490', 'What cannot be restored stops care.', 'Look at the device.');
INSERT INTO public.alert_story VALUES (1, 'On EX-PC-0: Example rule. The map does not say what depends on it.', 'on ex pc 0 example rule the map does not say what depends it', '', '{"score":0.0075,"factors":[{"name":"severity","value":0.05,"because":"the rule''s level is informational: context, no alert by itself"},{"name":"confidence","value":0.5,"because":"no alert of this rule was closed yet, and its status is test; so about 50 of 100 such alerts are real (between 13 and 87)"},{"name":"criticality","value":0.3,"because":"the map does not know what this device is for"}]}', '{"is_known":false,"paths":[]}');
INSERT INTO public.alert_story VALUES (2, 'On EX-PC-1: Example rule. The map does not say what depends on it.', 'on ex pc 1 example rule the map does not say what depends it', '', '{"score":0.03,"factors":[{"name":"severity","value":0.2,"because":"the rule''s level is low: seldom an incident"},{"name":"confidence","value":0.5,"because":"no alert of this rule was closed yet, and its status is test; so about 50 of 100 such alerts are real (between 13 and 87)"},{"name":"criticality","value":0.3,"because":"the map does not know what this device is for"}]}', '{"is_known":false,"paths":[]}');
INSERT INTO public.alert_story VALUES (3, 'On EX-PC-2: Example rule. The map does not say what depends on it.', 'on ex pc 2 example rule the map does not say what depends it', '', '{"score":0.0675,"factors":[{"name":"severity","value":0.45,"because":"the rule''s level is medium: to be reviewed"},{"name":"confidence","value":0.5,"because":"no alert of this rule was closed yet, and its status is test; so about 50 of 100 such alerts are real (between 13 and 87)"},{"name":"criticality","value":0.3,"because":"the map does not know what this device is for"}]}', '{"is_known":false,"paths":[]}');
INSERT INTO public.alert_story VALUES (4, 'On EX-PC-3: Example rule. The map does not say what depends on it.', 'on ex pc 3 example rule the map does not say what depends it', 'an example', '{"score":0.1125,"factors":[{"name":"severity","value":0.75,"because":"the rule''s level is high: likely an attack"},{"name":"confidence","value":0.5,"because":"no alert of this rule was closed yet, and its status is test; so about 50 of 100 such alerts are real (between 13 and 87)"},{"name":"criticality","value":0.3,"because":"the map does not know what this device is for"}]}', '{"is_known":false,"paths":[]}');
INSERT INTO public.alert_story VALUES (5, 'On EX-PC-4: Example rule. The map does not say what depends on it.', 'on ex pc 4 example rule the map does not say what depends it', 'an example', '{"score":0.15,"factors":[{"name":"severity","value":1.0,"because":"the rule''s level is critical: an attack if it is real"},{"name":"confidence","value":0.5,"because":"no alert of this rule was closed yet, and its status is test; so about 50 of 100 such alerts are real (between 13 and 87)"},{"name":"criticality","value":0.3,"because":"the map does not know what this device is for"}]}', '{"is_known":false,"paths":[]}');
INSERT INTO public.alert_story VALUES (6, 'On EX-PC-5: Example rule. The map does not say what depends on it.', 'on ex pc 5 example rule the map does not say what depends it', 'an example', '{"score":0.0075,"factors":[{"name":"severity","value":0.05,"because":"the rule''s level is informational: context, no alert by itself"},{"name":"confidence","value":0.5,"because":"no alert of this rule was closed yet, and its status is test; so about 50 of 100 such alerts are real (between 13 and 87)"},{"name":"criticality","value":0.3,"because":"the map does not know what this device is for"}]}', '{"is_known":false,"paths":[]}');
INSERT INTO public.alert_story VALUES (7, 'On EX-PC-6: Example rule. The map does not say what depends on it.', 'on ex pc 6 example rule the map does not say what depends it', '', '{"score":0.03,"factors":[{"name":"severity","value":0.2,"because":"the rule''s level is low: seldom an incident"},{"name":"confidence","value":0.5,"because":"no alert of this rule was closed yet, and its status is test; so about 50 of 100 such alerts are real (between 13 and 87)"},{"name":"criticality","value":0.3,"because":"the map does not know what this device is for"}]}', '{"is_known":false,"paths":[]}');
INSERT INTO public.alert_story VALUES (8, 'On EX-PC-7: Example rule. The map does not say what depends on it.', 'on ex pc 7 example rule the map does not say what depends it', '', '{"score":0.0675,"factors":[{"name":"severity","value":0.45,"because":"the rule''s level is medium: to be reviewed"},{"name":"confidence","value":0.5,"because":"no alert of this rule was closed yet, and its status is test; so about 50 of 100 such alerts are real (between 13 and 87)"},{"name":"criticality","value":0.3,"because":"the map does not know what this device is for"}]}', '{"is_known":false,"paths":[]}');
INSERT INTO public.alert_story VALUES (9, 'On EX-LAB-0: Example rule. The map does not say what depends on it.', 'on ex lab 0 example rule the map does not say what depends it', '', '{"score":0.0075,"factors":[{"name":"severity","value":0.05,"because":"the rule''s level is informational: context, no alert by itself"},{"name":"confidence","value":0.5,"because":"no alert of this rule was closed yet, and its status is test; so about 50 of 100 such alerts are real (between 13 and 87)"},{"name":"criticality","value":0.3,"because":"the map does not know what this device is for"}]}', '{"is_known":false,"paths":[]}');
INSERT INTO public.alert_story VALUES (10, '3 devices of RX1: Example rule. The map does not say what depends on it.', '3 devices of rx1 example rule the map does not say what depends on it', '', '{"score":0.1125,"factors":[{"name":"severity","value":0.75,"because":"the rule''s level is high: likely an attack"},{"name":"confidence","value":0.5,"because":"no alert of this rule was closed yet, and its status is test; so about 50 of 100 such alerts are real (between 13 and 87)"},{"name":"criticality","value":0.3,"because":"the map does not know what this device is for"}]}', '{"is_known":false,"paths":[]}');
INSERT INTO public.audit_entry VALUES (1, 1795509000000000, 'ward', NULL, 'person.claim', 'person', '01a20cad-1740-7101-82bb-ede991b9474a', NULL, '{"role":"administrator","part":"sector"}', '\x0000000000000000000000000000000000000000000000000000000000000000', '\xed3fd09068c32d6532f3e4e7cab037943d97d182a36e80500d26d0d303983796');
INSERT INTO public.audit_entry VALUES (2, 1795509000000000, 'person', '01a20cad-1740-7101-82bb-ede991b9474a', 'sign_in.pass', 'person', '01a20cad-1740-7101-82bb-ede991b9474a', NULL, '{"method":"password","stage":"enrolment","address":"192.0.2.10"}', '\xed3fd09068c32d6532f3e4e7cab037943d97d182a36e80500d26d0d303983796', '\x81a85d7abef4b6cfcd551d67f9741c0ec1fcb7f3925c03608fbc3d9b168e8a6d');
INSERT INTO public.audit_entry VALUES (3, 1795509000000000, 'person', '01a20cad-1740-7101-82bb-ede991b9474a', 'sign_in.pass', 'person', '01a20cad-1740-7101-82bb-ede991b9474a', NULL, '{"method":"password+totp","stage":"full","address":"192.0.2.10"}', '\x81a85d7abef4b6cfcd551d67f9741c0ec1fcb7f3925c03608fbc3d9b168e8a6d', '\x9059cbdd3edbee655dfbbfae74d2cdf0acec9e3e11036f0a029fb840b59d4dd9');
INSERT INTO public.audit_entry VALUES (4, 1795509000000000, 'person', '01a20cad-1740-7101-82bb-ede991b9474a', 'person.enrol_totp', 'person', '01a20cad-1740-7101-82bb-ede991b9474a', NULL, '{}', '\x9059cbdd3edbee655dfbbfae74d2cdf0acec9e3e11036f0a029fb840b59d4dd9', '\xae16ef6f1c8d826c0dcdc8f72aba4a120e0f3353fad552a0726c937ad40b7880');
INSERT INTO public.audit_entry VALUES (5, 1795509010000000, 'person', '01a20cad-1740-7101-82bb-ede991b9474a', 'person.invite', 'person', '01a20cad-3e50-7de8-82cf-f4894ed1d98d', NULL, '{"by":"01a20cad-1740-7101-82bb-ede991b9474a"}', '\xae16ef6f1c8d826c0dcdc8f72aba4a120e0f3353fad552a0726c937ad40b7880', '\x0dec9cbd6db69680c0a9825ed7552c31c353d9118b5c6ccab8e17bf35c09f6ed');
INSERT INTO public.audit_entry VALUES (6, 1795509010000000, 'person', '01a20cad-1740-7101-82bb-ede991b9474a', 'grant.give', 'person', '01a20cad-3e50-7de8-82cf-f4894ed1d98d', 'RX1', '{"grant":"01a20cad-3e50-7c55-9270-b885e08f26c3","role":"analyst","part":"organisation:RX1","from":"2026-11-24T08:30:10Z","until":null}', '\x0dec9cbd6db69680c0a9825ed7552c31c353d9118b5c6ccab8e17bf35c09f6ed', '\xb4b8b11768c74cdb6d96ff7bfecb7047c8174a9e0cb3e6aa7a9579e2e42fa8a7');
INSERT INTO public.audit_entry VALUES (7, 1795509010000000, 'person', '01a20cad-1740-7101-82bb-ede991b9474a', 'person.invite', 'person', '01a20cad-3e50-70cc-94c2-df731cdf4b84', NULL, '{"by":"01a20cad-1740-7101-82bb-ede991b9474a"}', '\xb4b8b11768c74cdb6d96ff7bfecb7047c8174a9e0cb3e6aa7a9579e2e42fa8a7', '\xfc859ca7d5dfee1c4cb97df2a30e1a68bcf23933a5b18d95e0842d06aad48f2a');
INSERT INTO public.audit_entry VALUES (8, 1795509010000000, 'person', '01a20cad-1740-7101-82bb-ede991b9474a', 'grant.give', 'person', '01a20cad-3e50-70cc-94c2-df731cdf4b84', 'RX1', '{"grant":"01a20cad-3e50-7874-8257-40117a072c00","role":"viewer","part":"organisation:RX1","from":"2026-11-24T08:30:10Z","until":null}', '\xfc859ca7d5dfee1c4cb97df2a30e1a68bcf23933a5b18d95e0842d06aad48f2a', '\x375a77820d667d1c7eaa4acae458a35f8c880f417f44e7693c06bc344d8d5ba0');
INSERT INTO public.audit_entry VALUES (9, 1795509020000000, 'ward', NULL, 'person.accept_invitation', 'person', '01a20cad-3e50-7de8-82cf-f4894ed1d98d', NULL, '{}', '\x375a77820d667d1c7eaa4acae458a35f8c880f417f44e7693c06bc344d8d5ba0', '\xcf23fcd2068eb7858f95d1ccbc224140074f580c45a02bf377e762fa5daa6d7a');
INSERT INTO public.audit_entry VALUES (10, 1795509030000000, 'ward', NULL, 'sign_in.refuse', 'person', '01a20cad-1740-7101-82bb-ede991b9474a', NULL, '{"step":"password","address":"192.0.2.10"}', '\xcf23fcd2068eb7858f95d1ccbc224140074f580c45a02bf377e762fa5daa6d7a', '\xf02cda82d629a803fb450b5a4d8924cfc5c528ffd3a2c5d3633f81a414afbc2a');
INSERT INTO public.audit_entry VALUES (11, 1795509040000000, 'person', '01a20cad-1740-7101-82bb-ede991b9474a', 'token.create', 'token', '01a20cad-b380-7afa-960a-ae0208643578', NULL, '{"kind":"api","name":"example report","person":"01a20cad-1740-7101-82bb-ede991b9474a","part":"organisation:RX1","permissions":["alerts.view"]}', '\xf02cda82d629a803fb450b5a4d8924cfc5c528ffd3a2c5d3633f81a414afbc2a', '\x768fc2a8667ee93e9217adc0e51220b7e7e782469e7c63f58247219ea5f7e7e9');
INSERT INTO public.audit_entry VALUES (12, 1795509041000000, 'person', '01a20cad-1740-7101-82bb-ede991b9474a', 'token.create', 'token', '01a20cad-b768-7828-80f2-72606cc01638', 'RX1', '{"kind":"ingest","name":"example shipper"}', '\x768fc2a8667ee93e9217adc0e51220b7e7e782469e7c63f58247219ea5f7e7e9', '\x7c8112b01e868d2a3b003313b7cd4bfdc661212c840f24b0d3f0076aa3e4cb5a');
INSERT INTO public.audit_entry VALUES (13, 1795509042000000, 'person', '01a20cad-1740-7101-82bb-ede991b9474a', 'token.create', 'token', '01a20cad-bb50-7ec1-8c32-4d299935f70a', 'RX1', '{"kind":"ingest","name":"example shipper of last year"}', '\x7c8112b01e868d2a3b003313b7cd4bfdc661212c840f24b0d3f0076aa3e4cb5a', '\x81499ccbfc44e099ca0ca9f53e5a466cd6c9d8dc5d1bfd62f913a892046bceee');
INSERT INTO public.audit_entry VALUES (14, 1795509043000000, 'person', '01a20cad-1740-7101-82bb-ede991b9474a', 'token.revoke', 'token', '01a20cad-bb50-7ec1-8c32-4d299935f70a', 'RX1', '{"kind":"ingest","name":"example shipper of last year"}', '\x81499ccbfc44e099ca0ca9f53e5a466cd6c9d8dc5d1bfd62f913a892046bceee', '\x3b66a71a2e876426e57e8f9bf5f783ee0cfb3c131611a803ff9de0464a7583a6');
INSERT INTO public.audit_head VALUES (1, 14, '\x3b66a71a2e876426e57e8f9bf5f783ee0cfb3c131611a803ff9de0464a7583a6');
INSERT INTO public.checkpoint VALUES ('detect', 2);
INSERT INTO public.dependency VALUES (1795509000000000, 1795509000000000, 'service', 'RX1-ED', 'system', 'RX1-EPR', 'RX1', 'records in', 'triage and prescribing are in the record', 3);
INSERT INTO public.device VALUES (1795509000000000, 1795509000000000, '01a20cad-1740-721c-b0e2-8f965e9e598a', 'RX1', 'ed-pc-07', 'ED-PC-07', 'workstation', 'RX1-EPR', NULL, true, NULL, NULL, NULL, NULL);
INSERT INTO public.device VALUES (1795509061000000, 1795509061000000, '01a20cae-0588-7cdb-bedd-0a56b3346d1c', 'RX1', 'ex-new-1', 'EX-NEW-1', NULL, NULL, NULL, false, 1795509060000000, 1795509060000000, 1795595460000000, NULL);
INSERT INTO public.device_total VALUES ('RX1', 1, 1, 1795509060000000);
INSERT INTO public.exception VALUES ('01a20cad-3e50-7e2a-8010-d9417d30c2c2', 'Example exception', NULL, 'organisation', 'RX1', '[{"field":"device","operator":"equals","values":["EX-PC"]}]', NULL, 'a planned test', '01a20cad-1740-7101-82bb-ede991b9474a', 1795509010000000, 1798101000000000, NULL, NULL);
INSERT INTO public.exception VALUES ('01a20cad-4238-702d-a499-03ce504e3acd', 'Example exception', NULL, 'organisation', 'RX1', '[{"field":"device","operator":"equals","values":["EX-OTHER"]}]', NULL, 'a planned test', '01a20cad-1740-7101-82bb-ede991b9474a', 1795509011000000, 1798101000000000, 1795509030000000, '01a20cad-1740-7101-82bb-ede991b9474a');
INSERT INTO public.exception_hit VALUES ('01a20cad-3e50-7e2a-8010-d9417d30c2c2', 'RX1', 1, 1795509305000000);
INSERT INTO public.group_member VALUES ('01a20cad-1740-7aef-9950-c3af9c6b2d25', 'A81001', 1795509000000000);
INSERT INTO public.group_member VALUES ('01a20cad-1740-7aef-9950-c3af9c6b2d25', 'RX1', 1795509000000000);
INSERT INTO public.map_import VALUES ('01a20cad-1740-7454-816d-e620a58b4a92', '01a20cad-1740-72bf-bf98-0cb58308d4fc', 1795509000000000, 'organisations.csv', 'organisations', 4, 0, 0, 0);
INSERT INTO public.map_import VALUES ('01a20cad-1740-743b-8649-1caea279b074', '01a20cad-1740-707d-ad21-adcc8239e616', 1795509000000000, 'sites.csv', 'sites', 1, 0, 0, 0);
INSERT INTO public.map_import VALUES ('01a20cad-1740-7459-bf14-d66ce5b2a637', '01a20cad-1740-78aa-b141-6dfa601460ca', 1795509000000000, 'suppliers.csv', 'suppliers', 1, 0, 0, 0);
INSERT INTO public.map_import VALUES ('01a20cad-1740-71d9-9080-3966c30c3511', '01a20cad-1740-7f04-9c89-07017a79fcb6', 1795509000000000, 'services.csv', 'services', 1, 0, 0, 0);
INSERT INTO public.map_import VALUES ('01a20cad-1740-759d-98c5-1ae3f219abab', '01a20cad-1740-7b5a-a5b0-0b53747253a3', 1795509000000000, 'systems.csv', 'systems', 1, 0, 0, 0);
INSERT INTO public.map_import VALUES ('01a20cad-1740-7c9f-b484-503ca30788ad', '01a20cad-1740-743a-8c10-505433d0419a', 1795509000000000, 'dependencies.csv', 'dependencies', 1, 0, 0, 0);
INSERT INTO public.map_import VALUES ('01a20cad-1740-7060-b52e-6e1f5e379afa', '01a20cad-1740-7b93-9466-e5896d8fca99', 1795509000000000, 'devices.csv', 'devices', 1, 0, 0, 0);
INSERT INTO public.map_version VALUES (1, 9);
INSERT INTO public.migration VALUES ('m0001_map', 1795537484);
INSERT INTO public.migration VALUES ('m0002_access', 1795537485);
INSERT INTO public.migration VALUES ('m0003_alerts', 1795537486);
INSERT INTO public.migration VALUES ('m0004_sources', 1795537486);
INSERT INTO public.migration VALUES ('m0005_rules', 1795537486);
INSERT INTO public.one_time_link VALUES ('01a20cad-1740-7df5-aac4-e8f5ba5f2690', 'first', '\x6800d7881617a4bfa772868681bf57467a579fe00034ce5b557913a370ac26e3', NULL, NULL, 1795509000000000, 1795595400000000, 1795509000000000, NULL);
INSERT INTO public.one_time_link VALUES ('01a20cad-3e50-75bc-9047-3bb7e8698e09', 'invitation', '\x37c4ad5b3c8df6dc6ef6d63958ce58d86a2fb9f4172578ca3607026b8d987a37', '01a20cad-3e50-70cc-94c2-df731cdf4b84', '01a20cad-1740-7101-82bb-ede991b9474a', 1795509010000000, 1796113810000000, NULL, NULL);
INSERT INTO public.one_time_link VALUES ('01a20cad-3e50-7f38-a4c6-1bc44b439636', 'invitation', '\x0199eb228a086b94c3da66c411ff3976267cd672a890d3f5010b254b2eefc227', '01a20cad-3e50-7de8-82cf-f4894ed1d98d', '01a20cad-1740-7101-82bb-ede991b9474a', 1795509010000000, 1796113810000000, 1795509020000000, NULL);
INSERT INTO public.organisation VALUES (1795509000000000, 1795509000000000, 'Y56', 'Example London', 'example london', 'region', 'Y56', NULL, NULL, '', '', NULL, NULL, NULL, 345600000000, NULL);
INSERT INTO public.organisation VALUES (1795509000000000, 1795509000000000, 'QKK', 'Example South East London Board', 'example south east london board', 'icb', 'Y56', 'QKK', NULL, '', '', NULL, NULL, NULL, 345600000000, NULL);
INSERT INTO public.organisation VALUES (1795509000000000, 1795509000000000, 'RX1', 'Example Acute Trust', 'example acute trust', 'trust_acute', 'Y56', 'QKK', NULL, 'London', 'SE1 1AA', NULL, NULL, NULL, 86400000000, NULL);
INSERT INTO public.organisation VALUES (1795509000000000, 1795509000000000, 'A81001', 'Example Practice', 'example practice', 'gp_practice', 'Y56', 'QKK', 'QKK', 'London', 'SE2 2BB', 9100, NULL, NULL, 345600000000, NULL);
INSERT INTO public.organisation_group VALUES (1795509000000000, 1795509000000000, '01a20cad-1740-7aef-9950-c3af9c6b2d25', 'Example group');
INSERT INTO public.person VALUES ('01a20cad-1740-7101-82bb-ede991b9474a', 'lead@ward.example', 'lead@ward.example', 'Example Lead', 'active', 'Europe/London', 1795509000000000, 1795509000000000);
INSERT INTO public.person VALUES ('01a20cad-3e50-70cc-94c2-df731cdf4b84', 'waiting@ward.example', 'waiting@ward.example', 'Example Colleague', 'invited', 'Europe/London', 1795509010000000, NULL);
INSERT INTO public.person VALUES ('01a20cad-3e50-7de8-82cf-f4894ed1d98d', 'analyst@ward.example', 'analyst@ward.example', 'Example Analyst', 'active', 'Europe/London', 1795509010000000, NULL);
INSERT INTO public.recovery_code VALUES ('01a20cad-1740-7d5b-9246-21606cce9c7b', '01a20cad-1740-7101-82bb-ede991b9474a', '\x5de35e075bc33dccfafe27bba75517a24f85b7c22d674e003552834ec9fcb98b', 1795509000000000, NULL);
INSERT INTO public.recovery_code VALUES ('01a20cad-1740-7ce5-aca9-ca57ca42c2ee', '01a20cad-1740-7101-82bb-ede991b9474a', '\xe39011e63182eebc5f5af5d3d1a48cb157e73721bcdcb891201ddd15a9fb67b3', 1795509000000000, NULL);
INSERT INTO public.recovery_code VALUES ('01a20cad-1740-7344-bc95-25614211f4f6', '01a20cad-1740-7101-82bb-ede991b9474a', '\xe5ef40a89ca8f4d304cbb20d2e81e8b13136d2c4b103643976fe6e465bb2c0f3', 1795509000000000, NULL);
INSERT INTO public.recovery_code VALUES ('01a20cad-1740-73d8-87f1-e64fc46347f2', '01a20cad-1740-7101-82bb-ede991b9474a', '\x2dfeaa29cdd5c9b1ee33075dd132e23692af9844f8bfb626dddf67ab1df40201', 1795509000000000, NULL);
INSERT INTO public.recovery_code VALUES ('01a20cad-1740-72bb-9b31-e5f30727caaf', '01a20cad-1740-7101-82bb-ede991b9474a', '\x34320c24faefe128e93232fab455037d7f4b825128f51a84fd194c56eee0a059', 1795509000000000, NULL);
INSERT INTO public.recovery_code VALUES ('01a20cad-1740-7e6e-bf1e-e6a6659f42c7', '01a20cad-1740-7101-82bb-ede991b9474a', '\xf2c40944ac3f6a7f73385ad9940cc24063de3c3023023c5d68033134e55f1cfb', 1795509000000000, NULL);
INSERT INTO public.recovery_code VALUES ('01a20cad-1740-7919-a7ac-6692e018ebec', '01a20cad-1740-7101-82bb-ede991b9474a', '\x8ffb9879855acdc27068f6331c1f2fdf8688c21dd8c942934c0a4ee30041c8bf', 1795509000000000, NULL);
INSERT INTO public.recovery_code VALUES ('01a20cad-1740-77ee-b6d6-0487df37913c', '01a20cad-1740-7101-82bb-ede991b9474a', '\x37b61ceffd415fdb8dacc681d10e0cae0fb28012bbc0bae631e1484d4deda2e1', 1795509000000000, NULL);
INSERT INTO public.recovery_code VALUES ('01a20cad-1740-7610-bc75-2f71e0f62754', '01a20cad-1740-7101-82bb-ede991b9474a', '\xe51a7a4d21841d5987eda54d7f4099e6b873d5211e878c12fd1df6f96b66848b', 1795509000000000, NULL);
INSERT INTO public.recovery_code VALUES ('01a20cad-1740-765f-a5b1-73de164c182e', '01a20cad-1740-7101-82bb-ede991b9474a', '\x0f1894e4a1015a08afe65e6e70fdf0cf8510a11da07c95fcdb584ae85d013ab1', 1795509000000000, NULL);
INSERT INTO public.role_grant VALUES ('01a20cad-1740-7fde-85fc-a0ae899bf862', '01a20cad-1740-7101-82bb-ede991b9474a', 'administrator', 'sector', NULL, NULL, 1795509000000000, NULL, NULL, 1795509000000000, NULL, NULL);
INSERT INTO public.role_grant VALUES ('01a20cad-3e50-7c55-9270-b885e08f26c3', '01a20cad-3e50-7de8-82cf-f4894ed1d98d', 'analyst', 'organisation', 'RX1', NULL, 1795509010000000, NULL, '01a20cad-1740-7101-82bb-ede991b9474a', 1795509010000000, NULL, NULL);
INSERT INTO public.role_grant VALUES ('01a20cad-3e50-7874-8257-40117a072c00', '01a20cad-3e50-70cc-94c2-df731cdf4b84', 'viewer', 'organisation', 'RX1', NULL, 1795509010000000, NULL, '01a20cad-1740-7101-82bb-ede991b9474a', 1795509010000000, NULL, NULL);
INSERT INTO public.rule_book VALUES (1, 1);
INSERT INTO public.rule_day VALUES ('example-0', 'RX1', 20781, 1, 1, 0, 0);
INSERT INTO public.rule_day VALUES ('example-1', 'RX1', 20781, 1, 1, 0, 0);
INSERT INTO public.rule_day VALUES ('example-2', 'RX1', 20781, 1, 1, 0, 0);
INSERT INTO public.rule_day VALUES ('example-3', 'RX1', 20781, 1, 1, 0, 0);
INSERT INTO public.rule_day VALUES ('example-4', 'RX1', 20781, 1, 1, 0, 0);
INSERT INTO public.rule_day VALUES ('example-5', 'RX1', 20781, 1, 1, 0, 0);
INSERT INTO public.rule_day VALUES ('example-6', 'RX1', 20781, 1, 1, 0, 0);
INSERT INTO public.rule_day VALUES ('example-7', 'RX1', 20781, 1, 1, 0, 0);
INSERT INTO public.rule_day VALUES ('example-flood', 'RX1', 20781, 5, 2, 1, 0);
INSERT INTO public.rule_folder VALUES ('01a20cae-01a0-74a4-955b-a6e11ecf5317', 'example', '01a20cad-1740-7101-82bb-ede991b9474a', 1795509060000000, 1, 1795509061000000, 1, 1, 0, '\x28b52ffd20c7bd040072091f1d60897580d966dd4394c86b64e9e610de204b42c9886889d21a064188128a929a313032bbf8897333baf1b53cf4a3ed626a54d0d75f1cb6c6b04bddeb5fb396b1b64f77a0f44e4e675734257c6d6eb7d9ba9b8fa45072b38022080ca594328e2c6a1920905d2f363b3f730bbbce35d60448dc44c7d9691af49424010900528574c2754abba624884b00dc326042143bc261e201');
INSERT INTO public.rule_switch VALUES ('example-1', 'organisation', 'RX1', 0, 'too many here', '01a20cad-1740-7101-82bb-ede991b9474a', 1795509040000000);
INSERT INTO public.rule_verdict VALUES ('example-3', '', 1, 0, 0);
INSERT INTO public.rule_verdict VALUES ('example-3', 'RX1', 1, 0, 0);
INSERT INTO public.rule_verdict VALUES ('example-4', '', 0, 1, 0);
INSERT INTO public.rule_verdict VALUES ('example-4', 'RX1', 0, 1, 0);
INSERT INTO public.rule_verdict VALUES ('example-5', '', 0, 0, 1);
INSERT INTO public.rule_verdict VALUES ('example-5', 'RX1', 0, 0, 1);
INSERT INTO public.rule_verdict VALUES ('example-6', '', 0, 0, 0);
INSERT INTO public.rule_verdict VALUES ('example-6', 'RX1', 0, 0, 0);
INSERT INTO public.saved_view VALUES ('01a20cad-da90-7996-993d-6f0dea71f282', 'Example view', 'state=new&level=critical', '01a20cad-1740-7101-82bb-ede991b9474a', 'organisation', 'RX1', 1795509050000000);
INSERT INTO public.service VALUES (1795509000000000, 1795509000000000, 'RX1-ED', 'RX1', 'Emergency department', 'emergency department', 'emergency', 400, 4, '24/7', NULL);
INSERT INTO public.session VALUES ('01a20cad-1740-7429-ac41-b4f77a19376c', '\x494df66bdb61ca5727740795f5474e90fb1386e18b1fc6ad4724ff35304346d4', '01a20cad-1740-7101-82bb-ede991b9474a', 'enrolment', 'password', '192.0.2.10', 'Example/1.0', 1795509000000000, 1795509000000000, 1795509900000000, 1795509000000000);
INSERT INTO public.session VALUES ('01a20cad-1740-786e-b0f0-cc36fecf12ff', '\xdfe35a66942de638e808408194ec8aacfb86b0ede1226ac4e4324e834f7042f8', '01a20cad-1740-7101-82bb-ede991b9474a', 'full', 'password+totp', '192.0.2.10', 'Example/1.0', 1795509000000000, 1795509000000000, 1795555800000000, NULL);
INSERT INTO public.sign_in_method VALUES ('01a20cad-1740-754e-8fe2-ac853fb63e6a', '01a20cad-1740-7101-82bb-ede991b9474a', 'password', NULL, '\x246172676f6e32696424763d3139246d3d36342c743d312c703d31246351593568584737706d357a51367845784856375867247a456c4d6a7244316a504942724c2b304d46476554414568462b3833747677483872516263565954636473', NULL, 1795509000000000, 1795509000000000);
INSERT INTO public.sign_in_method VALUES ('01a20cad-1740-7248-b650-979e2bd8ed2f', '01a20cad-1740-7101-82bb-ede991b9474a', 'totp', NULL, '\xa68c29ffd37491806c7df45871d725d35764cfadb2b8f9f1caf9991ac65b629b66990ad56721bb5cd96d6322edac54c153d5849a2a07650584b7116a', 59850300, 1795509000000000, 1795509000000000);
INSERT INTO public.sign_in_method VALUES ('01a20cad-6560-75d4-ad2a-f485a6fe50d7', '01a20cad-3e50-7de8-82cf-f4894ed1d98d', 'password', NULL, '\x246172676f6e32696424763d3139246d3d36342c743d312c703d31242b556c6f6f666e596b4d6a6f744b54492f41734b706724562f49766a427244395a54793334425a6877666b6d3761774a644c4e7370596d625a58666979394b4b6459', NULL, 1795509020000000, 1795509020000000);
INSERT INTO public.sign_in_throttle VALUES ('151a6333fbd5effdf5d43f02dbc1ee8acd0e3c537ffde04fdfa71bff5b6dab30', 0, 1795509000000000, 1795509000000000);
INSERT INTO public.sign_in_throttle VALUES ('d603278bd218b04ead255ba2fb1e84ce43c4bb3c07a9741071db5faeca8e95a3', 0, 1795509000000000, 1795509000000000);
INSERT INTO public.sign_in_throttle VALUES ('14d06128299251066c0ee50fe8616356155c77c7ffc9fb301401a5bf8a2f2873', 0, 1795509000000000, 1795509000000000);
INSERT INTO public.sign_in_throttle VALUES ('34f934e8e0f7f7788fdd783755d817530dec1ca48ebe9c5aa72e9adc2f92923e', 0, 1795509000000000, 1795509000000000);
INSERT INTO public.sign_in_throttle VALUES ('4212d810e192bb91cb44c886669753b44972b5dfd31aad59dcc30a4e000008a4', 0, 1795509000000000, 1795509000000000);
INSERT INTO public.sign_in_throttle VALUES ('a6221307d4c25da9e37b91a7cdfb2d2afe0702f7e713052456a363bdc9466a26', 0, 1795509000000000, 0);
INSERT INTO public.sign_in_throttle VALUES ('3bbab6ba35dfe7a6cf85d395aaec345891e6f8361b9d1b35862b99b3d566b8ed', 1, 1795509030000000, 1795509030000000);
INSERT INTO public.site VALUES (1795509000000000, 1795509000000000, 'RX101', 'Example Hospital', 'example hospital', 'RX1', 'London', 'SE1 1AA', NULL, NULL);
INSERT INTO public.source_failure VALUES ('01a20e5f-e543-7146-b768-c28d7badf060', '01a20cad-1740-7646-8da9-f3ce64a34a05', 1795509000000000, 2, 'not a JSON object: it does not begin with {', 'nonsense');
INSERT INTO public.source_failure VALUES ('01a20e5f-e543-7146-b768-c28eee183414', '01a20cad-1740-7646-8da9-f3ce64a34a05', 1795509090000000, 2, 'not a JSON object: it does not begin with {', 'nonsense');
INSERT INTO public.source_minute VALUES ('01a20cad-1740-7646-8da9-f3ce64a34a05', 29925150, 2, 36, 1, 0);
INSERT INTO public.source_minute VALUES ('01a20cad-1740-7646-8da9-f3ce64a34a05', 29925151, 2, 36, 1, 0);
INSERT INTO public.source_state VALUES ('01a20cad-1740-7646-8da9-f3ce64a34a05', 'RX1', 1795509000000000, 1795509091000000, 4, 72, 2, 0, 4);
INSERT INTO public.supplier VALUES (1795509000000000, 1795509000000000, 'ACME', 'Example Records Ltd', 'example records ltd', 'software');
INSERT INTO public.system VALUES (1795509000000000, 1795509000000000, 'RX1-EPR', 'RX1', 'Patient record', 'patient record', 'epr', 'ACME', 4, NULL);
ALTER TABLE ONLY public.access_token
    ADD CONSTRAINT access_token_digest_key UNIQUE (digest);
ALTER TABLE ONLY public.access_token
    ADD CONSTRAINT access_token_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.access_version
    ADD CONSTRAINT access_version_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.alert_count
    ADD CONSTRAINT alert_count_pkey PRIMARY KEY (organisation, level, state);
ALTER TABLE ONLY public.alert_deed
    ADD CONSTRAINT alert_deed_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.alert_device
    ADD CONSTRAINT alert_device_pkey PRIMARY KEY (alert, device_key);
ALTER TABLE ONLY public.alert_evidence
    ADD CONSTRAINT alert_evidence_pkey PRIMARY KEY (alert, slot);
ALTER TABLE ONLY public.alert_flood
    ADD CONSTRAINT alert_flood_pkey PRIMARY KEY (rule, organisation, hour);
ALTER TABLE ONLY public.alert_head
    ADD CONSTRAINT alert_head_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.alert
    ADD CONSTRAINT alert_pkey PRIMARY KEY (number);
ALTER TABLE ONLY public.alert_rule
    ADD CONSTRAINT alert_rule_pkey PRIMARY KEY (number);
ALTER TABLE ONLY public.alert_story
    ADD CONSTRAINT alert_story_pkey PRIMARY KEY (number);
ALTER TABLE ONLY public.audit_entry
    ADD CONSTRAINT audit_entry_pkey PRIMARY KEY (number);
ALTER TABLE ONLY public.audit_head
    ADD CONSTRAINT audit_head_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.checkpoint
    ADD CONSTRAINT checkpoint_pkey PRIMARY KEY (consumer);
ALTER TABLE ONLY public.dependency
    ADD CONSTRAINT dependency_pkey PRIMARY KEY (from_kind, from_code, to_kind, to_code);
ALTER TABLE ONLY public.device
    ADD CONSTRAINT device_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.device_total
    ADD CONSTRAINT device_total_pkey PRIMARY KEY (organisation);
ALTER TABLE ONLY public.exception_hit
    ADD CONSTRAINT exception_hit_pkey PRIMARY KEY (exception, organisation);
ALTER TABLE ONLY public.exception
    ADD CONSTRAINT exception_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.group_member
    ADD CONSTRAINT group_member_pkey PRIMARY KEY (group_id, organisation);
ALTER TABLE ONLY public.map_import
    ADD CONSTRAINT map_import_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.map_version
    ADD CONSTRAINT map_version_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.migration
    ADD CONSTRAINT migration_pkey PRIMARY KEY (version);
ALTER TABLE ONLY public.one_time_link
    ADD CONSTRAINT one_time_link_digest_key UNIQUE (digest);
ALTER TABLE ONLY public.one_time_link
    ADD CONSTRAINT one_time_link_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.organisation_group
    ADD CONSTRAINT organisation_group_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.organisation
    ADD CONSTRAINT organisation_pkey PRIMARY KEY (code);
ALTER TABLE ONLY public.person
    ADD CONSTRAINT person_login_key UNIQUE (login);
ALTER TABLE ONLY public.person
    ADD CONSTRAINT person_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.recovery_code
    ADD CONSTRAINT recovery_code_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.role_grant
    ADD CONSTRAINT role_grant_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.rule_book
    ADD CONSTRAINT rule_book_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.rule_day
    ADD CONSTRAINT rule_day_pkey PRIMARY KEY (rule, organisation, day);
ALTER TABLE ONLY public.rule_folder
    ADD CONSTRAINT rule_folder_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.rule_switch
    ADD CONSTRAINT rule_switch_pkey PRIMARY KEY (rule, part_kind, part_code);
ALTER TABLE ONLY public.rule_verdict
    ADD CONSTRAINT rule_verdict_pkey PRIMARY KEY (rule, organisation);
ALTER TABLE ONLY public.saved_view
    ADD CONSTRAINT saved_view_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.service
    ADD CONSTRAINT service_pkey PRIMARY KEY (code);
ALTER TABLE ONLY public.session
    ADD CONSTRAINT session_digest_key UNIQUE (digest);
ALTER TABLE ONLY public.session
    ADD CONSTRAINT session_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.sign_in_method
    ADD CONSTRAINT sign_in_method_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.sign_in_throttle
    ADD CONSTRAINT sign_in_throttle_pkey PRIMARY KEY (subject);
ALTER TABLE ONLY public.site
    ADD CONSTRAINT site_pkey PRIMARY KEY (code);
ALTER TABLE ONLY public.source_failure
    ADD CONSTRAINT source_failure_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.source_minute
    ADD CONSTRAINT source_minute_pkey PRIMARY KEY (source, minute);
ALTER TABLE ONLY public.source_state
    ADD CONSTRAINT source_state_pkey PRIMARY KEY (source);
ALTER TABLE ONLY public.supplier
    ADD CONSTRAINT supplier_pkey PRIMARY KEY (code);
ALTER TABLE ONLY public.system
    ADD CONSTRAINT system_pkey PRIMARY KEY (code);
CREATE INDEX access_token_organisation ON public.access_token USING btree (organisation);
CREATE INDEX access_token_person ON public.access_token USING btree (person);
CREATE INDEX alert_by_count ON public.alert USING btree (count, number, state, level, verdict, flood, rule, organisation, opened_at, owner);
CREATE UNIQUE INDEX alert_by_id ON public.alert USING btree (id);
CREATE INDEX alert_by_level ON public.alert USING btree (level, rank, number, state, verdict, flood, rule, organisation, opened_at, owner);
CREATE INDEX alert_by_opened ON public.alert USING btree (opened_at, number, state, level, verdict, flood, rule, organisation, owner);
CREATE INDEX alert_by_rank ON public.alert USING btree (rank, number, state, level, verdict, flood, rule, organisation, opened_at, owner);
CREATE INDEX alert_deed_of_act ON public.alert_deed USING btree (act);
CREATE INDEX alert_deed_of_alert ON public.alert_deed USING btree (alert, at, id);
CREATE INDEX alert_in_flood ON public.alert USING btree (number) WHERE (flood = 1);
CREATE INDEX alert_of_device ON public.alert USING btree (device_key, organisation, opened_at);
CREATE INDEX alert_of_group ON public.alert USING btree (group_hash) WHERE (is_current = 1);
CREATE INDEX alert_of_organisation ON public.alert USING btree (organisation, rank, number, state, level, verdict, flood, rule, opened_at, owner, count);
CREATE INDEX alert_of_owner ON public.alert USING btree (owner) WHERE (owner IS NOT NULL);
CREATE INDEX alert_of_rule ON public.alert USING btree (rule, opened_at);
CREATE INDEX alert_of_standing ON public.alert USING btree (level, state);
CREATE UNIQUE INDEX alert_rule_by_version ON public.alert_rule USING btree (rule, version);
CREATE INDEX alert_story_words ON public.alert_story USING gin (array_to_tsvector(string_to_array(words, ' '::text)));
CREATE INDEX alert_with_verdict ON public.alert USING btree (verdict) WHERE (verdict IS NOT NULL);
CREATE INDEX audit_entry_on ON public.audit_entry USING btree (on_kind, on_id, number);
CREATE INDEX audit_entry_organisation ON public.audit_entry USING btree (organisation, number);
CREATE INDEX audit_entry_who ON public.audit_entry USING btree (who_id, number);
CREATE INDEX dependency_by_organisation ON public.dependency USING btree (organisation);
CREATE INDEX dependency_by_target ON public.dependency USING btree (to_kind, to_code);
CREATE UNIQUE INDEX device_by_key ON public.device USING btree (organisation, key);
CREATE INDEX device_by_last_seen ON public.device USING btree (COALESCE(last_seen, (0)::bigint), id);
CREATE INDEX device_by_name ON public.device USING btree (key, organisation);
CREATE INDEX device_never_seen ON public.device USING btree (key, organisation) WHERE (last_seen IS NULL);
CREATE INDEX device_of_organisation_by_last_seen ON public.device USING btree (organisation, COALESCE(last_seen, (0)::bigint), id);
CREATE INDEX device_of_system ON public.device USING btree (system) WHERE (system IS NOT NULL);
CREATE INDEX device_silent ON public.device USING btree (silent_at, id) WHERE (silent_at IS NOT NULL);
CREATE INDEX group_member_by_organisation ON public.group_member USING btree (organisation);
CREATE INDEX map_import_by_time ON public.map_import USING btree (at);
CREATE INDEX one_time_link_person ON public.one_time_link USING btree (person);
CREATE INDEX organisation_by_icb ON public.organisation USING btree (icb);
CREATE INDEX organisation_by_name ON public.organisation USING btree (name_key, code);
CREATE INDEX organisation_by_region ON public.organisation USING btree (region);
CREATE INDEX organisation_by_type ON public.organisation USING btree (type, name_key);
CREATE INDEX organisation_closed ON public.organisation USING btree (closed_at) WHERE (closed_at IS NOT NULL);
CREATE INDEX person_name ON public.person USING btree (name, id);
CREATE INDEX recovery_code_person ON public.recovery_code USING btree (person);
CREATE INDEX role_grant_part ON public.role_grant USING btree (part_kind, part_code);
CREATE INDEX role_grant_person ON public.role_grant USING btree (person);
CREATE INDEX rule_day_of_organisation ON public.rule_day USING btree (organisation, day);
CREATE INDEX rule_folder_by_state ON public.rule_folder USING btree (state);
CREATE INDEX rule_verdict_of_organisation ON public.rule_verdict USING btree (organisation);
CREATE INDEX saved_view_of_owner ON public.saved_view USING btree (owner);
CREATE INDEX service_by_name ON public.service USING btree (name_key, code);
CREATE INDEX service_by_organisation ON public.service USING btree (organisation, name_key);
CREATE INDEX session_expires ON public.session USING btree (expires_at);
CREATE INDEX session_person ON public.session USING btree (person);
CREATE INDEX sign_in_method_person ON public.sign_in_method USING btree (person);
CREATE UNIQUE INDEX sign_in_method_subject ON public.sign_in_method USING btree (kind, subject);
CREATE INDEX sign_in_throttle_last ON public.sign_in_throttle USING btree (last_at);
CREATE INDEX site_by_organisation ON public.site USING btree (organisation, name_key);
CREATE INDEX source_failure_by_source ON public.source_failure USING btree (source, id);
CREATE INDEX system_by_name ON public.system USING btree (name_key, code);
CREATE INDEX system_by_organisation ON public.system USING btree (organisation, name_key);
CREATE INDEX system_by_supplier ON public.system USING btree (supplier);
CREATE TRIGGER audit_entry_keeps_rows BEFORE DELETE OR UPDATE ON public.audit_entry FOR EACH ROW EXECUTE FUNCTION public.audit_entry_is_append_only();
CREATE TRIGGER audit_entry_keeps_table BEFORE TRUNCATE ON public.audit_entry FOR EACH STATEMENT EXECUTE FUNCTION public.audit_entry_is_append_only();
ALTER TABLE ONLY public.group_member
    ADD CONSTRAINT group_member_group_id_fkey FOREIGN KEY (group_id) REFERENCES public.organisation_group(id);
ALTER TABLE ONLY public.group_member
    ADD CONSTRAINT group_member_organisation_fkey FOREIGN KEY (organisation) REFERENCES public.organisation(code);
ALTER TABLE ONLY public.recovery_code
    ADD CONSTRAINT recovery_code_person_fkey FOREIGN KEY (person) REFERENCES public.person(id);
ALTER TABLE ONLY public.role_grant
    ADD CONSTRAINT role_grant_person_fkey FOREIGN KEY (person) REFERENCES public.person(id);
ALTER TABLE ONLY public.service
    ADD CONSTRAINT service_organisation_fkey FOREIGN KEY (organisation) REFERENCES public.organisation(code);
ALTER TABLE ONLY public.session
    ADD CONSTRAINT session_person_fkey FOREIGN KEY (person) REFERENCES public.person(id);
ALTER TABLE ONLY public.sign_in_method
    ADD CONSTRAINT sign_in_method_person_fkey FOREIGN KEY (person) REFERENCES public.person(id);
ALTER TABLE ONLY public.site
    ADD CONSTRAINT site_organisation_fkey FOREIGN KEY (organisation) REFERENCES public.organisation(code);
ALTER TABLE ONLY public.system
    ADD CONSTRAINT system_organisation_fkey FOREIGN KEY (organisation) REFERENCES public.organisation(code);
