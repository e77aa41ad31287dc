//! What the command line allows of the network.
//!
//! In: [`NetworkArgs`]. Out: a [`NetworkPolicy`]; without `--allow-network` one that fetches
//! nothing.

use super::args::NetworkArgs;
use crate::table::NetworkPolicy;

/// The policy that the options ask for.
pub(crate) fn policy(args: &NetworkArgs) -> NetworkPolicy {
    let default = NetworkPolicy::default();
    NetworkPolicy {
        allow: args.allow_network,
        allow_private: args.allow_private_addresses,
        max_bytes: args.max_download.unwrap_or(default.max_bytes),
        timeout: args.network_timeout.unwrap_or(default.timeout),
        ..default
    }
}
