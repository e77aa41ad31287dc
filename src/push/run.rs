//! What tells one push from another, and whether another one has ended.
//!
//! In: the name of a push, which is a part of those of its staging graphs. Out: whether what it has left may be taken
//! away: that of a process of this machine that is gone, or of another machine after a day. A push that is still at it
//! keeps its staging graphs, since a store may take a graph that is gone for an empty one.

use std::time::{Duration, SystemTime, UNIX_EPOCH};
use xxhash_rust::xxh3::xxh3_64;

/// How long a push of another machine may take.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// A name for a push of this process that begins now: time, machine and process.
pub fn run_name() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.unwrap_or_default().as_nanos();
    format!("{now:x}-{:08x}-{:x}", machine(), std::process::id())
}

/// Whether the push of a name has ended, as far as `own`, the name of the one that asks, can tell. Other names are
/// nobody's any more.
pub(super) fn is_over(name: &str, own: &str) -> bool {
    let (Some((began, machine, process)), Some((now, here, this))) = (parts(name), parts(own))
    else {
        return true;
    };
    if machine == here {
        // This process does one push at a time.
        return process == this || !is_running(process);
    }
    now.saturating_sub(began) > LONGEST.as_nanos()
}

fn parts(name: &str) -> Option<(u128, u32, u32)> {
    let mut parts = name.split('-');
    let began = u128::from_str_radix(parts.next()?, 16).ok()?;
    let mut number = || u32::from_str_radix(parts.next()?, 16).ok();
    Some((began, number()?, number()?))
}

#[cfg(unix)]
fn machine() -> u32 {
    let name = rustix::system::uname();
    shortened(name.nodename().to_bytes())
}

#[cfg(not(unix))]
fn machine() -> u32 {
    shortened(std::env::var("COMPUTERNAME").unwrap_or_default().as_bytes())
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a part of the hash is enough"
)]
fn shortened(name: &[u8]) -> u32 {
    xxh3_64(name) as u32
}

#[cfg(unix)]
fn is_running(process: u32) -> bool {
    let id = i32::try_from(process)
        .ok()
        .and_then(rustix::process::Pid::from_raw);
    // A process of somebody else's may not be asked, and is there.
    id.is_some_and(|id| {
        !matches!(
            rustix::process::test_kill_process(id),
            Err(rustix::io::Errno::SRCH)
        )
    })
}

// Who cannot be asked is taken to be there.
#[cfg(not(unix))]
fn is_running(_: u32) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pushes_that_may_still_be_at_it_are_told() {
        let own = run_name();
        let of = |began: u128, machine: u32, process: u32| {
            format!("{began:x}-{machine:08x}-{process:x}")
        };
        let (now, here, this) = parts(&own).expect("a name of this process");
        let day = LONGEST.as_nanos();
        // The first process of a system always runs.
        assert!(!is_over(&of(now - 1, here, 1), &own));
        assert!(is_over(&of(now - 1, here, i32::MAX as u32), &own));
        assert!(is_over(&of(now - 1, here, this), &own));
        assert!(!is_over(&of(now - day / 2, !here, 1), &own));
        assert!(is_over(&of(now - day * 2, !here, 1), &own));
        assert!(is_over("", &own));
    }
}
