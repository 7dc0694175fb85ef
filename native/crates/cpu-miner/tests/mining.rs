use std::collections::HashSet;
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use otedama_cpu_miner::{CpuMiner, Delivery, OnShare, Options, StartError};
use otedama_hash_api::Algorithm;
use otedama_hash_registry as registry;
use otedama_primitives::{BlockHeader, U256, fold_merkle_branch};
use otedama_sha256::reference::sha256d;
use otedama_worker_api::{Share, Work, Worker};

const PATIENCE: Duration = Duration::from_secs(20);

fn work(id: u32, target: U256) -> Work {
    Work {
        id,
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
        target,
    }
}

fn start(algorithm: Algorithm, threads: u32) -> (CpuMiner, Receiver<Share>) {
    let (sender, receiver) = mpsc::channel();
    let sender = Mutex::new(sender);
    let on_share: OnShare =
        Arc::new(move |share| match sender.lock().expect("no sender panics").send(share.clone()) {
            Ok(()) => Delivery::Taken,
            Err(_) => Delivery::Closed,
        });
    let backend = registry::preferred(algorithm);
    let options = Options { algorithm, backend, threads, priority: None };
    (CpuMiner::start(options, &on_share).expect("the miner starts"), receiver)
}

fn header_of(work: &Work, share: &Share) -> BlockHeader {
    let coinbase =
        [&work.coinbase_prefix[..], &work.extranonce1, &share.extranonce2, &work.coinbase_suffix].concat();
    let root = fold_merkle_branch(sha256d(&coinbase), &work.merkle_branch, |pair| sha256d(pair));
    BlockHeader::new(share.version, &work.prev_hash, &root, share.n_time, work.bits, share.nonce)
}

#[test]
fn finds_distinct_shares_that_hash_to_what_they_claim() {
    for (algorithm, zeros) in [(Algorithm::Sha256d, 18), (Algorithm::Scrypt, 6)] {
        let (miner, shares) = start(algorithm, 2);
        let work = work(7, U256::MAX.shr(zeros));
        miner.set_work(work.clone());
        let mut hasher = registry::create(algorithm, registry::preferred(algorithm)).unwrap();
        let mut seen = HashSet::new();
        for _ in 0..40 {
            let share = shares.recv_timeout(PATIENCE).unwrap();
            let header = header_of(&work, &share);
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
    miner.set_work(work(1, U256::ZERO));
    let before = Instant::now();
    miner.set_work(work(2, U256::MAX.shr(8)));
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
    miner.set_work(work(3, U256::MAX));
    assert_eq!(miner.hashes(), last);
}

#[test]
fn closes_while_nobody_takes_its_shares() {
    let backend = registry::preferred(Algorithm::Sha256d);
    let options = Options { algorithm: Algorithm::Sha256d, backend, threads: 2, priority: None };
    let on_share: OnShare = Arc::new(|_| Delivery::Full);
    let miner = CpuMiner::start(options, &on_share).unwrap();
    miner.set_work(work(1, U256::MAX));
    miner.close().unwrap();
}

#[test]
fn refuses_a_thread_count_out_of_range() {
    let backend = registry::preferred(Algorithm::Sha256d);
    let on_share: OnShare = Arc::new(|_| Delivery::Closed);
    for threads in [0, 1025] {
        let options = Options { algorithm: Algorithm::Sha256d, backend, threads, priority: None };
        assert_eq!(CpuMiner::start(options, &on_share).unwrap_err(), StartError::ThreadCount);
    }
}
