use std::sync::Arc;
use std::time::{Duration, Instant};

use otedama_cpu_miner::{CpuMiner, Delivery, OnShare, Options as MinerOptions, Readiness, Switches};
use otedama_hash_api::{Family, NONCE_END};
use otedama_hash_registry::Source;
use otedama_primitives::{Hash, U256};
use otedama_worker_api::{BlobTask, CoinbaseTask, SealTask, Task, Work, Worker};

use crate::{BenchError, Latency, Measurement, Options, SEED};

/// Work stays for two to seven milliseconds: long enough to be under way, at no fixed place in a hash.
const STAY: [u64; 6] = [2, 5, 3, 7, 4, 6];

/// How long a thread may take to begin before the measurement is given up.
const PATIENCE: Duration = Duration::from_secs(10);

/// Gives a running miner new work again and again. `source` keeps the dataset that the miner finds.
pub fn run(options: &Options, source: &Source) -> Result<Measurement, BenchError> {
    // No share is ever found: the target is zero.
    let on_share: OnShare = Arc::new(|_| Delivery::Closed);
    let miner = CpuMiner::start(
        &MinerOptions {
            selection: options.selection,
            threads: options.threads,
            priority: None,
            dataset_directory: None,
        },
        &on_share,
    )
    .map_err(BenchError::Miner)?;
    let mut latencies = Vec::new();
    let mut checked = set_and_wait(&miner, work(options, 0), 1);
    checked &= matches!(source, Source::Light(_)) || miner.readiness() == Readiness::Full;
    let start = Instant::now();
    for number in 1.. {
        if start.elapsed() >= options.duration || !checked {
            break;
        }
        std::thread::sleep(Duration::from_millis(STAY[number as usize % STAY.len()]));
        checked &= set_and_wait(&miner, work(options, number), u64::from(number) + 1);
        latencies.extend(miner.switches().iter().map(|switches| switches.latest));
    }
    let elapsed = start.elapsed();
    miner.close().map_err(|_| BenchError::Panicked)?;
    let hashes = latencies.len() as u64;
    let latency = Latency::of(latencies);
    checked &= latency.is_some();
    Ok(Measurement { hashes, elapsed, checked, latency })
}

/// Whether all threads began the work, their `count`th.
fn set_and_wait(miner: &CpuMiner, work: Work, count: u64) -> bool {
    if miner.set_work(work).is_err() {
        return false;
    }
    let start = Instant::now();
    let begun = |switches: &Switches| switches.count >= count;
    while !miner.switches().iter().all(begun) {
        if start.elapsed() > PATIENCE {
            return false;
        }
        std::thread::sleep(Duration::from_micros(200));
    }
    true
}

fn work(options: &Options, number: u32) -> Work {
    let mut unlike: Hash = [0x33; 32];
    unlike[..4].copy_from_slice(&number.to_le_bytes());
    let task = match options.selection.algorithm.family() {
        Family::Header => Task::Coinbase(Arc::new(CoinbaseTask {
            coinbase_prefix: vec![0x11; 110],
            coinbase_suffix: vec![0x22; 180],
            extranonce1: vec![0x44; 4],
            extranonce2_size: 8,
            merkle_branch: vec![[0x55; 32]; 12],
            prev_hash: unlike,
            version: 0x2000_0000,
            version_mask: 0x1fff_e000,
            n_time: 1_700_000_000,
            bits: 0x1d00_ffff,
        })),
        Family::Seal => {
            let (header_hash, block_number) = (unlike, options.block_number);
            Task::Seal(SealTask { header_hash, block_number, nonces: 0..u64::MAX })
        }
        Family::Blob => Task::Blob(BlobTask {
            bytes: [&unlike[..], &[0x66; 44]].concat(),
            nonce_offset: 39,
            nonces: 0..NONCE_END,
            seed: SEED,
            next_seed: None,
        }),
    };
    Work { id: number, target: U256::ZERO, task }
}
