//! Mining work of any shape: what passes the check is walked without panics, within its limits and without
//! doing anything twice.

use std::collections::HashSet;
use std::sync::Arc;

use otedama_hash_api::{NONCE_END, NonceRange, Puzzle, Solution};
use otedama_primitives::U256;
use otedama_sha256::Engine;
use otedama_worker_api::{Assignment, BlobTask, CoinbaseTask, Cursor, SealTask, Step, Task, Work};

use crate::input::Input;

const STEPS: usize = 40;
/// A mutated length must not fill memory with an extranonce that is refused anyway.
const MOST_BYTES: u16 = 700;

pub fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let work = Work { id: input.u32(), target: U256::from_le_bytes(&input.array()), task: task(&mut input) };
    if work.check().is_err() {
        return;
    }
    let workers = 1 + u32::from(input.u16() % 1024);
    let worker = u32::from(input.u16()) % workers;
    let assignment = Assignment { worker, workers, offset: input.u64() };
    let bounds = match &work.task {
        Task::Coinbase(_) => 0..NONCE_END,
        Task::Seal(task) => task.nonces.clone(),
        Task::Blob(task) => task.nonces.clone(),
    };
    walk(Cursor::new(Arc::new(work), assignment, Engine::fastest()), &bounds, &mut input);
}

fn walk(mut cursor: Cursor, bounds: &NonceRange, input: &mut Input<'_>) {
    let mut seen = HashSet::new();
    let mut seconds = 0;
    for _ in 0..STEPS {
        let limit = input.u64() >> (input.byte() % 64);
        let Step::Search(nonces) = cursor.next(limit, seconds) else {
            seconds = seconds.saturating_add(input.u32());
            continue;
        };
        assert!(!nonces.is_empty() && nonces.end - nonces.start <= limit.max(1), "{nonces:?} of {limit}");
        assert!(bounds.start <= nonces.start && nonces.end <= bounds.end, "{nonces:?} outside {bounds:?}");
        let puzzle = match cursor.puzzle() {
            Puzzle::Header(header) => header.with_nonce(0).as_bytes().to_vec(),
            Puzzle::Seal { header_hash, .. } => header_hash.to_vec(),
            Puzzle::Blob { bytes, nonce_offset } => {
                assert!(nonce_offset + 4 <= bytes.len(), "the nonce lies in the blob");
                bytes.clone()
            }
        };
        assert!(seen.insert((puzzle, nonces.start)), "{nonces:?} handed out twice");
        let share = cursor.share(&Solution { nonce: nonces.start, hash: [1; 32], mix: [2; 32] });
        assert_eq!(share.nonce, nonces.start);
        // All of them, or part: the rest is handed out again.
        cursor.advance((nonces.end - nonces.start).min(1 + input.u64() % (nonces.end - nonces.start)));
    }
}

fn task(input: &mut Input<'_>) -> Task {
    match input.byte() % 3 {
        0 => Task::Coinbase(Arc::new(CoinbaseTask {
            version: input.u32(),
            version_mask: input.u32(),
            n_time: input.u32(),
            bits: input.u32(),
            prev_hash: input.array(),
            extranonce2_size: usize::from(input.byte()),
            extranonce1: bytes(input, 40),
            merkle_branch: (0..input.byte() % 20).map(|_| input.array()).collect(),
            coinbase_prefix: bytes(input, MOST_BYTES),
            coinbase_suffix: bytes(input, MOST_BYTES),
        })),
        1 => Task::Seal(SealTask {
            header_hash: input.array(),
            block_number: input.u32(),
            nonces: input.u64()..input.u64(),
        }),
        _ => Task::Blob(BlobTask {
            nonce_offset: (input.u64() >> (input.byte() % 64)) as usize,
            nonces: input.u64() >> (input.byte() % 64)..input.u64() >> (input.byte() % 64),
            seed: input.array(),
            next_seed: (input.byte() == 1).then(|| input.array()),
            bytes: bytes(input, MOST_BYTES),
        }),
    }
}

fn bytes(input: &mut Input<'_>, most: u16) -> Vec<u8> {
    let length = input.u16() % most;
    input.vec(usize::from(length))
}

pub fn seeds() -> Vec<Vec<u8>> {
    let with_task = |task: &[u8]| [&[0u8; 36][..], task].concat();
    let mut coinbase = vec![0u8];
    coinbase.extend([0, 0, 0, 0x20, 0, 0xe0, 0xff, 0x1f, 0, 1, 2, 3, 0xff, 0xff, 0, 0x1d]);
    coinbase.extend([0x33; 32]);
    coinbase.extend([4, 4, 0, 1, 2, 3, 4, 0, 10, 0]);
    coinbase.resize(400, 0x40);
    let mut seal = vec![1u8];
    seal.extend([9; 36]);
    seal.extend([0u64.to_le_bytes(), u64::MAX.to_le_bytes()].concat());
    seal.resize(400, 0x11);
    let mut blob = vec![2u8];
    blob.extend(39u64.to_le_bytes());
    blob.push(0);
    blob.extend([&0u64.to_le_bytes()[..], &[0], &NONCE_END.to_le_bytes(), &[0]].concat());
    blob.extend([5; 32]);
    blob.extend([0, 76, 0]);
    blob.resize(400, 0x22);
    [coinbase, seal, blob].map(|task| with_task(&task)).to_vec()
}
