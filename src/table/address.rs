//! Which addresses of the internet are public.
//!
//! In: an IP address. Out: whether anyone may be there but this machine and its neighbours.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address is of the public internet: not of this machine or a local network, not
/// reserved, not for groups, documentation or tests.
///
/// An IPv6 address that stands for an IPv4 address is as public as that one.
///
/// Spec: RFC 6890 §2.2
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    match address.octets() {
        // This network and this machine.
        [0 | 127, ..] => false,
        // Private use.
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => false,
        // Shared by the customers of a provider.
        [100, 64..=127, ..] => false,
        // Link-local: machines of a cloud find their credentials there.
        [169, 254, ..] => false,
        // Protocol assignments, documentation, the former relays of 6to4.
        [192, 0, 0 | 2, _] | [192, 88, 99, _] | [198, 51, 100, _] | [203, 0, 113, _] => false,
        // Benchmarks.
        [198, 18 | 19, ..] => false,
        // Groups, reserved, broadcast.
        [224..=255, ..] => false,
        _ => true,
    }
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        // NAT64: how hosts with IPv6 alone reach those with IPv4 alone.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            let [first, second] = high.to_be_bytes();
            let [third, fourth] = low.to_be_bytes();
            is_public_v4(Ipv4Addr::new(first, second, third, fourth))
        }
        // Protocol assignments and tunnels (Teredo), documentation, 6to4.
        [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x2002, ..] | [0x3fff, 0..=0xfff, ..] => false,
        // All else is local, mapped from IPv4, for groups or not assigned.
        [first, ..] => matches!(first, 0x2000..=0x3fff),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expected: bool, addresses: &[&str]) {
        for address in addresses {
            assert_eq!(is_public(address.parse().unwrap()), expected, "{address}");
        }
    }

    #[test]
    fn servers_of_the_internet_are_public() {
        check(
            true,
            &[
                "1.1.1.1",
                "128.30.52.100",
                "172.15.0.1",
                "172.32.0.1",
                "192.0.1.1",
                "100.63.255.255",
                "100.128.0.1",
                "223.255.255.255",
                "2606:4700::1111",
                "2001:200::1",
                "64:ff9b::1.1.1.1",
            ],
        );
    }

    #[test]
    fn this_machine_and_its_neighbours_are_not() {
        check(
            false,
            &[
                "0.0.0.0",
                "0.1.2.3",
                "10.0.0.1",
                "100.64.0.1",
                "100.127.255.255",
                "127.0.0.1",
                "127.255.0.1",
                "169.254.169.254",
                "172.16.0.1",
                "172.31.255.255",
                "192.168.1.1",
                "::",
                "::1",
                "fe80::1",
                "fec0::1",
                "fc00::1",
                "fd12:3456::1",
            ],
        );
    }

    #[test]
    fn reserved_addresses_and_groups_are_not() {
        check(
            false,
            &[
                "192.0.0.1",
                "192.0.2.1",
                "192.88.99.1",
                "198.18.0.1",
                "198.19.255.255",
                "198.51.100.1",
                "203.0.113.1",
                "224.0.0.1",
                "240.0.0.1",
                "255.255.255.255",
                "ff02::1",
                "2001:db8::1",
                "3fff::1",
                "100::1",
                "5f00::1",
                "4000::1",
            ],
        );
    }

    #[test]
    fn ipv4_in_ipv6_is_no_way_around() {
        check(
            false,
            &[
                "::ffff:127.0.0.1",
                "::ffff:1.1.1.1",
                "::127.0.0.1",
                "64:ff9b::127.0.0.1",
                "64:ff9b::10.0.0.1",
                "64:ff9b:1::1.1.1.1",
                "2002:7f00:1::",
                "2001::1",
            ],
        );
    }
}
