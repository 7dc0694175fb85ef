use std::collections::HashSet;
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use otedama_cpu_miner::{CpuMiner, Delivery, OnShare, Options, Readiness, StartError};
use otedama_hash_api::Algorithm;
use otedama_hash_registry as registry;
use otedama_primitives::{BlockHeader, U256, fold_merkle_branch};
use otedama_sha256::reference::sha256d;
use otedama_worker_api::{BlobTask, CoinbaseTask, Rolled, SealTask, Share, Task, Work, WorkError, Worker};

const PATIENCE: Duration = Duration::from_secs(20);

fn task() -> CoinbaseTask {
    CoinbaseTask {
        coinbase_prefix: vec![1; 41],
        coinbase_suffix: vec![2; 90],
        extranonce1: vec![3; 4],
        extranonce2_size: 4,
        merkle_branch: vec![[4; 32]; 3],
        prev_hash: [5; 32],
        version: 0x2000_0000,
        version_mask: 0x1fff_e000,
        n_time: 1_700_000_000,
        bits: 0x1d00_ffff,
    }
}

fn work(id: u32, target: U256) -> Work {
    Work { id, target, task: Task::Coinbase(Arc::new(task())) }
}

fn options(algorithm: Algorithm, threads: u32) -> Options {
    let selection = registry::preferred(algorithm);
    Options { selection, threads, priority: None, dataset_directory: None }
}

fn start(algorithm: Algorithm, threads: u32) -> (CpuMiner, Receiver<Share>) {
    let (sender, receiver) = mpsc::channel();
    let sender = Mutex::new(sender);
    let on_share: OnShare =
        Arc::new(move |share| match sender.lock().expect("no sender panics").send(share.clone()) {
            Ok(()) => Delivery::Taken,
            Err(_) => Delivery::Closed,
        });
    (CpuMiner::start(&options(algorithm, threads), &on_share).expect("the miner starts"), receiver)
}

fn header_of(share: &Share) -> BlockHeader {
    let task = task();
    let Rolled { extranonce2, n_time, version } = share.rolled.as_ref().expect("headers are rolled");
    let coinbase =
        [&task.coinbase_prefix[..], &task.extranonce1, extranonce2, &task.coinbase_suffix].concat();
    let root = fold_merkle_branch(sha256d(&coinbase), &task.merkle_branch, |pair| sha256d(pair));
    BlockHeader::new(*version, &task.prev_hash, &root, *n_time, task.bits, share.nonce as u32)
}

#[test]
fn finds_distinct_shares_that_hash_to_what_they_claim() {
    for (algorithm, zeros) in [(Algorithm::Sha256d, 18), (Algorithm::Scrypt, 6)] {
        let (miner, shares) = start(algorithm, 2);
        let work = work(7, U256::MAX.shr(zeros));
        miner.set_work(work.clone()).unwrap();
        let mut hasher = registry::header_hasher(registry::preferred(algorithm)).unwrap();
        let mut seen = HashSet::new();
        for _ in 0..40 {
            let share = shares.recv_timeout(PATIENCE).unwrap();
            let header = header_of(&share);
            let mut hash = [[0; 32]];
            hasher.hash_headers(&[header], &mut hash);
            assert_eq!(hash, [share.pow_hash]);
            assert!(U256::from_le_bytes(&share.pow_hash) <= work.target);
            assert_eq!(share.work_id, 7);
            assert!(seen.insert(*header.as_bytes()), "found twice");
        }
        assert!(miner.hashes().iter().all(|hashes| *hashes > 0));
        miner.close().unwrap();
    }
}

#[test]
fn switches_to_new_work_and_stops_without_any() {
    let (miner, shares) = start(Algorithm::Sha256d, 1);
    miner.set_work(work(1, U256::ZERO)).unwrap();
    let before = Instant::now();
    miner.set_work(work(2, U256::MAX.shr(8))).unwrap();
    assert_eq!(shares.recv_timeout(PATIENCE).unwrap().work_id, 2);
    assert!(before.elapsed() < Duration::from_secs(1));
    miner.clear_work();
    // One piece of search may still be under way when the work is taken away.
    let mut last = miner.hashes();
    let stopped = (0..1000).any(|_| {
        std::thread::sleep(Duration::from_millis(20));
        let before = std::mem::replace(&mut last, miner.hashes());
        before == last
    });
    assert!(stopped);
    miner.close().unwrap();
    miner.close().unwrap();
    miner.set_work(work(3, U256::MAX)).unwrap();
    assert_eq!(miner.hashes(), last);
}

#[test]
fn closes_while_nobody_takes_its_shares() {
    let on_share: OnShare = Arc::new(|_| Delivery::Full);
    let miner = CpuMiner::start(&options(Algorithm::Sha256d, 2), &on_share).unwrap();
    miner.set_work(work(1, U256::MAX)).unwrap();
    miner.close().unwrap();
}

#[test]
fn refuses_a_thread_count_out_of_range() {
    let on_share: OnShare = Arc::new(|_| Delivery::Closed);
    for threads in [0, 1025] {
        let options = options(Algorithm::Sha256d, threads);
        assert_eq!(CpuMiner::start(&options, &on_share).unwrap_err(), StartError::ThreadCount);
    }
}

fn seal_work(id: u32, block_number: u32, target: U256) -> Work {
    let task = SealTask { header_hash: [7; 32], block_number, nonces: 1 << 40..1 << 41 };
    Work { id, target, task: Task::Seal(task) }
}

fn blob_work(id: u32, seed: u8, target: U256) -> Work {
    let task = BlobTask {
        bytes: vec![8; 76],
        nonce_offset: 39,
        nonces: 0x0500_0000..0x0600_0000,
        seed: [seed; 32],
        next_seed: None,
    };
    Work { id, target, task: Task::Blob(task) }
}

#[test]
fn refuses_work_that_is_not_for_it() {
    let (miner, _shares) = start(Algorithm::Ethash, 1);
    assert_eq!(miner.set_work(work(1, U256::MAX)), Err(WorkError::Family));
    assert_eq!(miner.set_work(seal_work(1, u32::MAX, U256::MAX)), Err(WorkError::UnknownEpoch));
    assert_eq!(miner.readiness(), Readiness::Waiting);
    miner.close().unwrap();
}

#[test]
fn gives_up_a_build_when_it_is_closed_or_its_epoch_is_over() {
    let (miner, _shares) = start(Algorithm::Ethash, 1);
    miner.set_work(seal_work(1, 0, U256::MAX)).unwrap();
    let started = (0..2000).any(|_| {
        std::thread::sleep(Duration::from_millis(5));
        miner.building().is_some_and(|building| building.done > 0)
    });
    assert!(started, "a build of the epoch's dataset");
    miner.close().unwrap();
    let ended = (0..2000).any(|_| {
        std::thread::sleep(Duration::from_millis(5));
        miner.building().is_none()
    });
    assert!(ended);
}

#[test]
fn mines_randomx_from_the_cache_until_the_dataset_is_there() {
    let (miner, shares) = start(Algorithm::RandomX, 1);
    miner.set_work(blob_work(3, 1, U256::MAX)).unwrap();
    let share = shares.recv_timeout(PATIENCE).unwrap();
    assert_eq!((share.work_id, share.rolled.is_none()), (3, true));
    assert!((0x0500_0000..0x0600_0000).contains(&share.nonce));
    assert_ne!(miner.readiness(), Readiness::Waiting);
    miner.close().unwrap();
}
