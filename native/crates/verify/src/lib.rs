//! Judges the shares of a flat batch in place: no clock, no I/O. Hashes of milliseconds are spread over the
//! processors, faster ones stay on the calling thread.
//!
//! The layout of the batch is `layout`'s; it is shared with `libs/contracts` of the repository.
#![forbid(unsafe_code)]

mod blob;
mod header;
mod job;
pub mod layout;
mod parallel;
mod receipt;
mod seal;
mod verifier;

pub use job::{
    ADOPTED_EXTRA_NONCE_BYTES, BlobDescription, CoinbaseDescription, Job, JobDescription, JobError, JobKind,
    JobTable, JobsSnapshot, MAX_ADOPTED, MAX_JOBS, SealDescription,
};
pub use layout::{BatchError, Verdict};
pub use receipt::receipt_root;
pub use verifier::{Summary, Verifier, VerifyError};
