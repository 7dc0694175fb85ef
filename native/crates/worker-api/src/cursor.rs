//! Walks through everything one work has to search: for coinbase tasks header after header, for the others
//! one stretch of nonces.

use std::sync::Arc;

use otedama_hash_api::{NonceRange, Puzzle, Solution};
use otedama_sha256::Engine;

use crate::header_cursor::HeaderCursor;
use crate::nonce_cursor::NonceCursor;
use crate::work::{Share, Task, Work};

/// Which part of the space a worker walks: two workers with the same `workers` and `offset` never meet.
#[derive(Clone, Copy, Debug)]
pub struct Assignment {
    pub worker: u32,
    pub workers: u32,
    /// Where counting starts: random per start, so that a restart does not repeat old shares.
    pub offset: u64,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    Search(NonceRange),
    /// Everything up to the current second was handed out.
    Exhausted,
}

#[derive(Debug)]
pub struct Cursor {
    work: Arc<Work>,
    puzzle: Puzzle,
    walk: Walk,
}

#[derive(Debug)]
enum Walk {
    Headers(Box<HeaderCursor>),
    Nonces(NonceCursor),
}

impl Cursor {
    pub fn new(work: Arc<Work>, assignment: Assignment, engine: Engine) -> Self {
        let Assignment { worker, workers, offset } = assignment;
        let (puzzle, walk) = match &work.task {
            Task::Coinbase(task) => {
                let headers = HeaderCursor::new(Arc::clone(task), assignment, engine);
                (Puzzle::Header(*headers.header()), Walk::Headers(Box::new(headers)))
            }
            Task::Seal(task) => {
                let (header_hash, block_number) = (task.header_hash, task.block_number);
                let nonces = NonceCursor::new(&task.nonces, worker, workers, offset);
                (Puzzle::Seal { header_hash, block_number }, Walk::Nonces(nonces))
            }
            Task::Blob(task) => {
                let (bytes, nonce_offset) = (task.bytes.clone(), task.nonce_offset);
                let nonces = NonceCursor::new(&task.nonces, worker, workers, offset);
                (Puzzle::Blob { bytes, nonce_offset }, Walk::Nonces(nonces))
            }
        };
        Self { work, puzzle, walk }
    }

    pub const fn work(&self) -> &Arc<Work> {
        &self.work
    }

    /// The next at most `limit` nonces of [`Self::puzzle`], when the work is `elapsed_seconds` old. The same
    /// again until [`Self::advance`] is told how many were tried.
    pub fn next(&mut self, limit: u64, elapsed_seconds: u32) -> Step {
        let nonces = match &mut self.walk {
            Walk::Headers(headers) => {
                let nonces = headers.peek(limit, elapsed_seconds);
                self.puzzle = Puzzle::Header(*headers.header());
                nonces
            }
            Walk::Nonces(nonces) => nonces.peek(limit),
        };
        nonces.map_or(Step::Exhausted, Step::Search)
    }

    pub fn advance(&mut self, count: u64) {
        match &mut self.walk {
            Walk::Headers(headers) => headers.advance(count),
            Walk::Nonces(nonces) => nonces.advance(count),
        }
    }

    /// What the latest step's nonces belong to.
    pub const fn puzzle(&self) -> &Puzzle {
        &self.puzzle
    }

    /// The share that a solution of the latest step is.
    pub fn share(&self, solution: &Solution) -> Share {
        Share {
            work_id: self.work.id,
            nonce: solution.nonce,
            pow_hash: solution.hash,
            mix: solution.mix,
            rolled: match &self.walk {
                Walk::Headers(headers) => Some(headers.rolled()),
                Walk::Nonces(_) => None,
            },
        }
    }
}
