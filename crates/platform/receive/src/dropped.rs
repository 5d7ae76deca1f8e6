//! What the system itself threw away because its buffer of a socket was full: Linux counts it.

#[cfg(target_os = "linux")]
use std::os::fd::{AsRawFd, RawFd};

/// Datagrams thrown away so far; nothing where the system does not tell.
#[cfg(target_os = "linux")]
pub(crate) fn datagrams(socket: &impl AsRawFd) -> Option<u64> {
    let inode = inode(socket.as_raw_fd())?;
    ["/proc/self/net/udp", "/proc/self/net/udp6"]
        .into_iter()
        .filter_map(|table| std::fs::read_to_string(table).ok())
        .find_map(|table| of_table(&table, &inode))
}

/// Datagrams thrown away so far; nothing where the system does not tell.
#[cfg(not(target_os = "linux"))]
pub(crate) fn datagrams<S>(_: &S) -> Option<u64> {
    None
}

#[cfg(target_os = "linux")]
fn inode(fd: RawFd) -> Option<String> {
    let link = std::fs::read_link(format!("/proc/self/fd/{fd}")).ok()?;
    let inode = link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?;
    Some(inode.to_owned())
}

/// The last column of the row whose tenth is the socket's number. Source: proc_net_udp, Linux.
#[cfg(any(target_os = "linux", test))]
fn of_table(table: &str, inode: &str) -> Option<u64> {
    let mut rows = table.lines().skip(1).map(str::split_ascii_whitespace);
    let row = rows.find(|row| row.clone().nth(9) == Some(inode))?;
    row.last()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_row_of_the_socket_tells() {
        let table = "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
   12: 0100007F:0202 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 4711 2 0000000000000000 0
   13: 0100007F:0203 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 4712 2 0000000000000000 31
";
        assert_eq!(of_table(table, "4712"), Some(31));
        assert_eq!(of_table(table, "4713"), None);
    }
}
