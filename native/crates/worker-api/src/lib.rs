//! What a scheduler sees of anything that mines: it gives work, takes work away, and is handed shares.
//! Also how work becomes puzzles ([`Cursor`]), which is the same for every device.
#![forbid(unsafe_code)]

mod cursor;
mod header_cursor;
mod nonce_cursor;
mod work;

pub use cursor::{Assignment, Cursor, Step};
pub use work::{
    BlobTask, CoinbaseTask, MAX_BLOB, MAX_EXTRANONCE, Rolled, SealTask, Share, Task, Work, WorkError,
};

/// A device or a group of them.
pub trait Worker: Send + Sync {
    /// Replaces the work everywhere, if the worker can do it.
    fn set_work(&self, work: Work) -> Result<(), WorkError>;

    /// Stops hashing until there is work again.
    fn clear_work(&self);

    /// Hashes done since the start, per thread or chip.
    fn hashes(&self) -> Vec<u64>;

    /// Name of the implementation that hashes.
    fn backend(&self) -> &'static str;

    /// Ends all activity and waits for it. Work given later is ignored.
    fn close(&self) -> Result<(), WorkerPanicked>;
}

/// A thread of the worker ended in a panic: a defect, its hashes since then are missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkerPanicked;

impl core::fmt::Display for WorkerPanicked {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("a worker thread ended in a panic")
    }
}

impl std::error::Error for WorkerPanicked {}
