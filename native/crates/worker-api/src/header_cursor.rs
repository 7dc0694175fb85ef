//! Walks through the headers of a coinbase task: nonces first, then version bits, then extranonce2, then time.
//! That is the order of rising cost: a new nonce is free, a new version costs one compression, a new
//! extranonce2 the coinbase and the merkle branch, and time must not run ahead of the clock.

use std::sync::Arc;

use otedama_hash_api::{NONCE_END, NonceRange};
use otedama_primitives::{BlockHeader, Hash, fold_merkle_branch};
use otedama_sha256::Engine;

use crate::cursor::Assignment;
use crate::work::{CoinbaseTask, Rolled};

#[derive(Debug)]
pub struct HeaderCursor {
    task: Arc<CoinbaseTask>,
    engine: Engine,
    offset: u64,
    /// Nonces of each header that are this worker's.
    nonces: NonceRange,
    /// Extranonce2 indices of this worker: `first`, `first + stride`, ...
    first: u64,
    stride: u64,
    /// The current header's place in each range.
    seconds: u32,
    index: u64,
    version_index: u32,
    merkle_root: Hash,
    header: BlockHeader,
    /// First nonce of the current header that was not tried.
    next_nonce: u64,
}

impl HeaderCursor {
    pub fn new(task: Arc<CoinbaseTask>, assignment: Assignment, engine: Engine) -> Self {
        let (worker, workers) = (u64::from(assignment.worker), u64::from(assignment.workers));
        // With fewer extranonces than workers each walks them all, but only its own slice of nonces.
        let (nonces, first, stride) = if last_index(task.extranonce2_size) < workers - 1 {
            (NONCE_END * worker / workers..NONCE_END * (worker + 1) / workers, 0, 1)
        } else {
            (0..NONCE_END, worker, workers)
        };
        let mut cursor = Self {
            task,
            engine,
            offset: assignment.offset,
            nonces,
            first,
            stride,
            seconds: 0,
            index: first,
            version_index: 0,
            merkle_root: [0; 32],
            header: BlockHeader::from_bytes([0; 80]),
            next_nonce: 0,
        };
        cursor.enter_extranonce(first);
        cursor.enter_header();
        cursor
    }

    /// The next at most `limit` nonces of [`Self::header`], when the work is `elapsed_seconds` old; `None`
    /// when there is nothing left before the clock moves on.
    pub fn peek(&mut self, limit: u64, elapsed_seconds: u32) -> Option<NonceRange> {
        if self.next_nonce == self.nonces.end && !self.enter_next_header(elapsed_seconds) {
            return None;
        }
        Some(self.next_nonce..self.nonces.end.min(self.next_nonce.saturating_add(limit.max(1))))
    }

    pub const fn advance(&mut self, count: u64) {
        self.next_nonce += count;
    }

    /// The header that the latest nonces belong to.
    pub const fn header(&self) -> &BlockHeader {
        &self.header
    }

    /// What the latest header has besides its nonce.
    pub fn rolled(&self) -> Rolled {
        Rolled { extranonce2: self.extranonce2(), n_time: self.n_time(), version: self.version() }
    }

    /// Moves to the next header; false when there is none before the clock moves on.
    fn enter_next_header(&mut self, elapsed_seconds: u32) -> bool {
        let task = &self.task;
        let next_index = self.index.checked_add(self.stride);
        let next_index = next_index.filter(|index| *index <= last_index(task.extranonce2_size));
        if self.version_index < last_version_index(task.version_mask) {
            self.version_index += 1;
        } else if let Some(index) = next_index {
            self.enter_extranonce(index);
        } else if self.seconds < elapsed_seconds && self.n_time() < u32::MAX {
            self.seconds += 1;
            self.enter_extranonce(self.first);
        } else {
            return false;
        }
        self.enter_header();
        true
    }

    fn enter_extranonce(&mut self, index: u64) {
        self.index = index;
        self.version_index = 0;
        let task = &self.task;
        let coinbase =
            [&task.coinbase_prefix[..], &task.extranonce1, &self.extranonce2(), &task.coinbase_suffix]
                .concat();
        let leaf = self.engine.sha256d(&coinbase);
        self.merkle_root = fold_merkle_branch(leaf, &task.merkle_branch, |pair| self.engine.sha256d(pair));
    }

    fn enter_header(&mut self) {
        let task = &self.task;
        self.next_nonce = self.nonces.start;
        self.header =
            BlockHeader::new(self.version(), &task.prev_hash, &self.merkle_root, self.n_time(), task.bits, 0);
    }

    /// The index from the random start, as a little-endian counter of the size the pool asked for.
    fn extranonce2(&self) -> Vec<u8> {
        let size = self.task.extranonce2_size;
        let mut bytes = self.index.wrapping_add(self.offset).to_le_bytes().to_vec();
        bytes.resize(size, 0);
        bytes
    }

    fn version(&self) -> u32 {
        let CoinbaseTask { version, version_mask: mask, .. } = *self.task;
        version & !mask | spread_bits(self.version_index, mask)
    }

    /// No second follows the last one that a header can name, so the sum never overflows.
    fn n_time(&self) -> u32 {
        self.task.n_time + self.seconds
    }
}

/// Extranonces beyond 64 bits are never reached: the counter alone lasts longer than any work.
fn last_index(size: usize) -> u64 {
    if size < 8 { (1 << (8 * size)) - 1 } else { u64::MAX }
}

fn last_version_index(mask: u32) -> u32 {
    u32::MAX.checked_shr(32 - mask.count_ones()).unwrap_or(0)
}

/// Puts the low bits of `index` into the one bits of `mask`, lowest first.
fn spread_bits(index: u32, mask: u32) -> u32 {
    let mut rest = mask;
    let mut spread = 0;
    let mut left = index;
    while rest != 0 {
        let lowest = rest & rest.wrapping_neg();
        if left & 1 == 1 {
            spread |= lowest;
        }
        left >>= 1;
        rest ^= lowest;
    }
    spread
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use otedama_sha256::reference::sha256d;

    use super::*;

    /// Large enough that a header is one step, so that tests can walk many headers.
    const WHOLE: u64 = NONCE_END;

    fn task(extranonce2_size: usize, version_mask: u32) -> CoinbaseTask {
        CoinbaseTask {
            coinbase_prefix: vec![1, 2, 3],
            coinbase_suffix: vec![4, 5],
            extranonce1: vec![6],
            extranonce2_size,
            merkle_branch: vec![[7; 32], [8; 32]],
            prev_hash: [9; 32],
            version: 0x2000_2004,
            version_mask,
            n_time: 1_700_000_000,
            bits: 0x1d00_ffff,
        }
    }

    fn cursor(task: &CoinbaseTask, worker: u32, workers: u32) -> HeaderCursor {
        HeaderCursor::new(
            Arc::new(task.clone()),
            Assignment { worker, workers, offset: u64::MAX - 3 },
            Engine::fastest(),
        )
    }

    /// The next nonces, all of them tried.
    fn step(cursor: &mut HeaderCursor, limit: u64, elapsed_seconds: u32) -> Option<NonceRange> {
        let nonces = cursor.peek(limit, elapsed_seconds)?;
        cursor.advance(nonces.end - nonces.start);
        Some(nonces)
    }

    /// Steps until exhausted, as (header, nonces).
    fn walk(cursor: &mut HeaderCursor, elapsed_seconds: u32) -> Vec<(BlockHeader, NonceRange)> {
        let mut steps = Vec::new();
        while let Some(nonces) = step(cursor, WHOLE, elapsed_seconds) {
            steps.push((*cursor.header(), nonces));
        }
        steps
    }

    #[test]
    fn covers_each_header_once_among_all_workers() {
        for (size, workers) in [(1, 1), (1, 3), (1, 256), (0, 1), (0, 5), (1, 300)] {
            let task = task(size, 0x0000_6000);
            let mut total = 0u64;
            let mut seen = HashSet::new();
            for worker in 0..workers {
                for (header, nonces) in walk(&mut cursor(&task, worker, workers), 1) {
                    assert!(
                        seen.insert((*header.as_bytes(), nonces.start)),
                        "{size} bytes, {workers} workers"
                    );
                    total += nonces.end - nonces.start;
                }
            }
            // extranonces x versions x two seconds
            let headers = (1u64 << (8 * size)) * 4 * 2;
            assert_eq!(total, headers * NONCE_END, "{size} bytes, {workers} workers");
        }
    }

    #[test]
    fn rolls_only_bits_of_the_mask_and_keeps_the_others() {
        let mask = 0x1fff_e000;
        assert_eq!(spread_bits(0b101, mask), 0x0000_a000);
        assert_eq!(spread_bits(u32::MAX, mask), mask);
        let task = task(1, mask);
        let mut cursor = cursor(&task, 0, 1);
        let mut versions = HashSet::new();
        for _ in 0..1000 {
            assert!(step(&mut cursor, WHOLE, 0).is_some());
            versions.insert(cursor.version());
            assert_eq!(cursor.version() & !mask, task.version & !mask);
        }
        assert_eq!(versions.len(), 1000);
        assert_eq!((last_version_index(mask), last_version_index(0)), (0xffff, 0));
        assert_eq!(last_version_index(u32::MAX), u32::MAX);
    }

    #[test]
    fn never_runs_ahead_of_the_clock() {
        let task = task(0, 0);
        let mut cursor = cursor(&task, 0, 1);
        assert_eq!(walk(&mut cursor, 0).len(), 1);
        assert_eq!(cursor.peek(WHOLE, 0), None);
        assert_eq!(walk(&mut cursor, 2).len(), 2);
        assert_eq!(cursor.n_time(), task.n_time + 2);
        assert_eq!(cursor.peek(WHOLE, 2), None);
    }

    #[test]
    fn ends_with_the_last_second_that_a_header_can_name() {
        let task = CoinbaseTask { n_time: u32::MAX - 1, ..task(0, 0) };
        let mut cursor = cursor(&task, 0, 1);
        assert_eq!(walk(&mut cursor, 5).len(), 2);
        assert_eq!(cursor.n_time(), u32::MAX);
        assert_eq!(cursor.peek(WHOLE, u32::MAX), None);
    }

    #[test]
    fn hands_out_a_header_in_pieces_and_names_what_it_rolled() {
        let task = task(4, 0);
        let mut cursor = cursor(&task, 2, 3);
        assert_eq!(step(&mut cursor, 1000, 0), Some(0..1000));
        assert_eq!(cursor.peek(NONCE_END - 1500, 0), Some(1000..NONCE_END - 500));
        cursor.advance(10);
        assert_eq!(step(&mut cursor, NONCE_END - 1510, 0), Some(1010..NONCE_END - 500));
        assert_eq!(step(&mut cursor, 1000, 0), Some(NONCE_END - 500..NONCE_END));
        let Rolled { extranonce2, n_time, version } = cursor.rolled();
        let coinbase = [&[1, 2, 3][..], &[6], &extranonce2, &[4, 5]].concat();
        let root = fold_merkle_branch(sha256d(&coinbase), &task.merkle_branch, |pair| sha256d(pair));
        let expected = BlockHeader::new(version, &task.prev_hash, &root, n_time, task.bits, 0);
        assert_eq!(*cursor.header(), expected);
        assert_eq!(extranonce2, (2u32.wrapping_sub(4)).to_le_bytes());
        assert_eq!(cursor.peek(1, 0), Some(0..1));
        assert_eq!(cursor.rolled().extranonce2, 1u32.to_le_bytes());
    }

    #[test]
    fn fills_long_extranonces_with_zeros() {
        let Rolled { extranonce2, .. } = cursor(&task(12, 0), 0, 1).rolled();
        assert_eq!(extranonce2[8..], [0; 4]);
        assert_eq!(extranonce2[..8], (u64::MAX - 3).to_le_bytes());
    }
}
