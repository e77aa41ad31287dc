//! What tells one push from another, and whether another one has ended.
//!
//! In: the name of a push, which is a part of those of its staging graphs. Out: whether what it has left may be taken
//! away: that of a process of this machine that is gone, and any after a day. A push that is still at it keeps its
//! staging graphs, since a store may take a graph that is gone for an empty one. A name of another form is of somebody
//! else.

use std::time::{Duration, SystemTime, UNIX_EPOCH};
use xxhash_rust::xxh3::xxh3_64;

/// How long a push may take.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// A name for a push of this process that begins now: time, machine and process.
pub fn run_name() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.unwrap_or_default().as_nanos();
    written(now, machine(), std::process::id())
}

/// Whether the push of a name has ended, as far as `own`, the name of the one that asks, can tell.
pub(super) fn is_over(name: &str, own: &str) -> bool {
    let (Some((began, machine, process)), Some((now, here, this))) = (parts(name), parts(own))
    else {
        return false;
    };
    // Another process may have its number by then.
    if now.saturating_sub(began) > LONGEST.as_nanos() {
        return true;
    }
    // This process does one push at a time.
    machine == here && (process == this || !is_running(process))
}

// Nothing where `run_name` would not have written it so.
fn parts(name: &str) -> Option<(u128, u32, u32)> {
    let mut parts = name.split('-');
    let began = u128::from_str_radix(parts.next()?, 16).ok()?;
    let mut number = || u32::from_str_radix(parts.next()?, 16).ok();
    let (machine, process) = (number()?, number()?);
    (written(began, machine, process) == name).then_some((began, machine, process))
}

fn written(began: u128, machine: u32, process: u32) -> String {
    format!("{began:x}-{machine:08x}-{process:x}")
}

// Where the number of a process means the same process: several machines and containers may have one name.
#[cfg(target_os = "linux")]
fn machine() -> u32 {
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let processes = std::fs::read_link("/proc/self/ns/pid").unwrap_or_default();
    let name = rustix::system::uname();
    shortened(&[
        boot.trim().as_bytes(),
        processes.as_os_str().as_encoded_bytes(),
        name.nodename().to_bytes(),
    ])
}

#[cfg(all(unix, not(target_os = "linux")))]
fn machine() -> u32 {
    let name = rustix::system::uname();
    shortened(&[name.nodename().to_bytes()])
}

#[cfg(not(unix))]
fn machine() -> u32 {
    let name = std::env::var("COMPUTERNAME").unwrap_or_default();
    shortened(&[name.as_bytes()])
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a part of the hash is enough"
)]
fn shortened(names: &[&[u8]]) -> u32 {
    xxh3_64(&names.join(&0)) as u32
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
        let (now, here, this) = parts(&own).expect("a name of this process");
        let day = LONGEST.as_nanos();
        // The first process of a system always runs.
        assert!(!is_over(&written(now - 1, here, 1), &own));
        assert!(is_over(&written(now - 1, here, i32::MAX as u32), &own));
        assert!(is_over(&written(now - 1, here, this), &own));
        assert!(!is_over(&written(now - day / 2, !here, 1), &own));
        assert!(is_over(&written(now - day * 2, !here, 1), &own));
        // A number is given to another process one day.
        assert!(is_over(&written(now - day * 2, here, 1), &own));
    }

    #[test]
    fn names_of_another_form_are_of_somebody_else() {
        let own = run_name();
        let (_, here, _) = parts(&own).expect("a name of this process");
        let sound = format!("1-{here:08x}-1");
        assert!(is_over(&sound, &own));
        for name in [
            String::new(),
            "theirs".to_owned(),
            "1-2-3".to_owned(),
            format!("{sound}-1"),
            format!("01-{here:08x}-1"),
            format!("1-{here:08x}-+1"),
            format!("A-{here:08x}-1"),
        ] {
            assert!(!is_over(&name, &own), "{name}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn machines_of_one_name_are_told_apart() {
        let name = rustix::system::uname();
        let name = name.nodename().to_bytes();
        assert_ne!(machine(), shortened(&[name]));
        assert_ne!(
            shortened(&[b"a", b"1", name]),
            shortened(&[b"b", b"1", name])
        );
        assert_ne!(
            shortened(&[b"a", b"1", name]),
            shortened(&[b"a", b"2", name])
        );
    }
}
