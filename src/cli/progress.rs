//! Progress bars and Ctrl-C.
//!
//! In: [`Progress`] of a run. Out: a bar on standard error, on a terminal only, and only once work
//! has lasted a moment.

use super::args::Global;
use crate::bolt;
use crate::draft;
use crate::engine::Progress;
use crate::push::Sent;
use crate::sink::file::discard_partial_files;
use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressStyle};
use oxigraph::sparql::CancellationToken;
use std::io::IsTerminal as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Work shorter than this shows no bar.
const PATIENCE: Duration = Duration::from_millis(400);

/// How long work has to end in order after Ctrl-C; a read that waits for input never would.
const GRACE_MILLISECONDS: u64 = 1000;

/// Whether the user pressed Ctrl-C.
#[derive(Clone)]
pub(crate) struct Interrupt {
    flag: Arc<AtomicBool>,
    /// In milliseconds.
    grace: Arc<AtomicU64>,
    token: CancellationToken,
}

impl Interrupt {
    /// Listens to Ctrl-C: the first ends work in order if that takes no more than a second, the
    /// second at once.
    pub(crate) fn install() -> Self {
        let interrupt = Self {
            flag: Arc::default(),
            grace: Arc::new(AtomicU64::new(GRACE_MILLISECONDS)),
            token: CancellationToken::new(),
        };
        let (flag, token) = (Arc::clone(&interrupt.flag), interrupt.token.clone());
        let grace = Arc::clone(&interrupt.grace);
        // Without a handler Ctrl-C ends the program all the same.
        drop(ctrlc::set_handler(move || {
            if flag.swap(true, Ordering::Relaxed) {
                end_at_once();
            }
            token.cancel();
            let grace = Duration::from_millis(grace.load(Ordering::Relaxed));
            std::thread::spawn(move || {
                std::thread::sleep(grace);
                end_at_once();
            });
        }));
        interrupt
    }

    /// Whether it happened.
    pub(crate) fn happened(&self) -> bool {
        self.flag.load(Ordering::Relaxed)
    }

    /// Gives work more time to end in order.
    pub(crate) fn set_grace(&self, grace: Duration) {
        let milliseconds = u64::try_from(grace.as_millis()).unwrap_or(u64::MAX);
        self.grace.store(milliseconds, Ordering::Relaxed);
    }

    /// The token that ends a query.
    pub(crate) fn token(&self) -> CancellationToken {
        self.token.clone()
    }
}

#[expect(clippy::exit, reason = "the user asked for it")]
fn end_at_once() -> ! {
    discard_partial_files();
    std::process::exit(130)
}

/// Shows how far a run has come.
pub(crate) struct Display {
    bar: Option<ProgressBar>,
    started: Instant,
    wanted: bool,
    unit: &'static str,
    interrupt: Interrupt,
}

impl Display {
    /// A bar that appears on a terminal when work lasts.
    pub(crate) fn new(global: &Global, interrupt: &Interrupt) -> Self {
        Self {
            bar: None,
            started: Instant::now(),
            wanted: !global.quiet && std::io::stderr().is_terminal(),
            unit: "triples",
            interrupt: interrupt.clone(),
        }
    }

    /// Counts something else than triples.
    pub(crate) fn with_unit(mut self, unit: &'static str) -> Self {
        self.unit = unit;
        self
    }

    /// Takes a step; gives whether to go on.
    pub(crate) fn step(&mut self, progress: &Progress<'_>) -> bool {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a rate for people"
        )]
        let rate = (progress.quads as f64 / self.started.elapsed().as_secs_f64()) as u64;
        let unit = self.unit;
        self.show(progress.table, progress.size, progress.bytes, || {
            format!(
                "{}, {} rows, {} {unit}, {}/s",
                HumanBytes(progress.bytes),
                HumanCount(progress.rows),
                HumanCount(progress.quads),
                HumanCount(rate)
            )
        })
    }

    /// Takes a step of a reading that makes no triples; gives whether to go on.
    pub(crate) fn step_reading(&mut self, progress: &draft::Progress<'_>) -> bool {
        self.show(progress.table, progress.size, progress.bytes, || {
            format!(
                "{}, {} rows",
                HumanBytes(progress.bytes),
                HumanCount(progress.rows)
            )
        })
    }

    /// Takes a step of sending a graph; gives whether to go on.
    pub(crate) fn step_sent(&mut self, sent: &Sent<'_>) -> bool {
        if sent.of == 0 {
            return !self.interrupt.happened();
        }
        self.show(&sent.target.to_string(), Some(sent.of), sent.bytes, || {
            format!("{} of {}", HumanBytes(sent.bytes), HumanBytes(sent.of))
        })
    }

    /// Takes a step of sending nodes and relationships; gives whether to go on.
    pub(crate) fn step_batch(&mut self, sent: &bolt::Sent<'_>) -> bool {
        if sent.of == 0 {
            return !self.interrupt.happened();
        }
        self.show(sent.what, Some(sent.of), sent.done, || {
            format!("{} of {}", HumanCount(sent.done), HumanCount(sent.of))
        })
    }

    fn show(
        &mut self,
        table: &str,
        size: Option<u64>,
        bytes: u64,
        message: impl FnOnce() -> String,
    ) -> bool {
        if self.wanted && self.started.elapsed() > PATIENCE {
            let bar = self.bar.get_or_insert_with(|| {
                let bar = ProgressBar::new(0);
                if let Ok(style) =
                    ProgressStyle::with_template("{spinner} {prefix} {wide_bar} {percent}% {msg}")
                {
                    bar.set_style(style);
                }
                bar
            });
            bar.set_prefix(table.to_owned());
            bar.set_length(size.unwrap_or(bytes));
            bar.set_position(bytes);
            bar.set_message(message());
        }
        !self.interrupt.happened()
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
