use std::num::NonZeroUsize;

use otedama_hash_api::{Algorithm, Family, HashError, Puzzle};
use otedama_hash_registry::Source;
use otedama_primitives::{BlockHeader, U256, fold_merkle_branch};
use otedama_sha256::reference::sha256d;
use otedama_verify::layout::{HEADER_BYTES, MAGIC, RECORD_BYTES, VERSION};
use otedama_verify::{
    BlobDescription, CoinbaseDescription, JobDescription, JobKind, JobTable, JobsSnapshot, SealDescription,
    Verdict, Verifier,
};

use crate::search::number;
use crate::{Clock, Options, SEED, ThreadRun, reference};

/// The size of real jobs: a coinbase of about 300 bytes, a few thousand transactions.
const PREFIX_BYTES: usize = 110;
const SUFFIX_BYTES: usize = 180;
const BRANCH: usize = 12;
const EXTRANONCE_BYTES: u8 = 12;

/// Monero's hashing blob.
const BLOB_BYTES: usize = 76;

const JOB_KEY: u32 = 1;
const TIME: u32 = 1_700_000_000;
const BITS: u32 = 0x1d00_ffff;
const BLOCK_VERSION: u32 = 0x2000_0000;

/// Records of a batch: as many as a gateway sends, or what takes about a second where hashes are slow.
const fn records_of(algorithm: Algorithm) -> u16 {
    match algorithm {
        Algorithm::RandomX | Algorithm::RandomXV2 => 32,
        _ => 256,
    }
}

/// Records compared with the slow reference.
const fn checked_of(algorithm: Algorithm) -> usize {
    match algorithm {
        Algorithm::Sha256d | Algorithm::Scrypt => 256,
        Algorithm::Ethash | Algorithm::Etchash => 32,
        Algorithm::KawPow => 16,
        Algorithm::RandomX | Algorithm::RandomXV2 => 2,
    }
}

pub fn run_thread(
    options: &Options,
    source: &Source,
    _index: u32,
    clock: &Clock,
) -> Result<ThreadRun, HashError> {
    let algorithm = options.selection.algorithm;
    // One thread each: the threads of the measurement are its own.
    let verifier = Verifier::new(options.selection, NonZeroUsize::MIN);
    let description = description(options);
    let mut batch = batch(records_of(algorithm));
    let mut judged = true;
    let mut jobs = None;
    // The first batch has every hasher made and tested.
    if let Ok(verifier) = &verifier {
        let jobs = jobs.insert(snapshot(verifier, &description));
        judged = verifier.verify(jobs, &mut batch).is_ok();
    }
    let (hashes, elapsed) = clock.repeat(|| {
        // A thread that failed still meets the others at the start, or they would wait for it forever.
        let (Ok(verifier), Some(jobs)) = (&verifier, &jobs) else { return 0 };
        judged &= verifier.verify(jobs, &mut batch).is_ok();
        u64::from(records_of(algorithm))
    });
    verifier?;
    let mut checked = judged;
    let records = batch[HEADER_BYTES..].as_chunks::<RECORD_BYTES>().0;
    for (index, record) in records.iter().take(checked_of(algorithm)).enumerate() {
        let (puzzle, nonce) = expected(&description.kind, index as u32);
        let proof = reference::hash(algorithm, source.light(), &puzzle, nonce)?;
        let met = number(algorithm, &proof.hash) <= share_target();
        let verdict = if met { Verdict::Accepted } else { Verdict::LowDifficulty };
        checked &= record[7] == verdict as u8 && record[128..160] == proof.hash;
    }
    Ok(ThreadRun { hashes, elapsed, checked })
}

fn description(options: &Options) -> JobDescription {
    let kind = match options.selection.algorithm.family() {
        Family::Header => JobKind::Coinbase(CoinbaseDescription {
            coinbase_prefix: vec![0x11; PREFIX_BYTES],
            coinbase_suffix: vec![0x22; SUFFIX_BYTES],
            merkle_branch: (0..BRANCH as u8).map(|level| [level; 32]).collect(),
            prev_hash: [0x33; 32],
            bits: BITS,
        }),
        Family::Seal => {
            let block_number = options.block_number;
            JobKind::Seal(SealDescription { header_hash: [0x33; 32], block_number })
        }
        Family::Blob => {
            JobKind::Blob(BlobDescription { bytes: vec![0x33; BLOB_BYTES], nonce_offset: 39, seed: SEED })
        }
    };
    JobDescription { network_target: U256::ZERO, kind }
}

fn snapshot(verifier: &Verifier, description: &JobDescription) -> JobsSnapshot {
    let mut table = JobTable::default();
    let job = verifier.job(description.clone()).expect("the job is within its limits");
    table.add(JOB_KEY, job).expect("the table is empty");
    table.snapshot()
}

/// One share in four meets it.
fn share_target() -> U256 {
    U256::MAX.shr(2)
}

fn extranonce(index: u32) -> [u8; EXTRANONCE_BYTES as usize] {
    let mut bytes = [0x44; EXTRANONCE_BYTES as usize];
    bytes[8..].copy_from_slice(&index.to_le_bytes());
    bytes
}

fn batch(count: u16) -> Vec<u8> {
    let records_end = HEADER_BYTES + usize::from(count) * RECORD_BYTES;
    let mut batch = vec![0u8; records_end];
    batch[..4].copy_from_slice(&MAGIC.to_le_bytes());
    batch[4..6].copy_from_slice(&VERSION.to_le_bytes());
    batch[6..8].copy_from_slice(&count.to_le_bytes());
    batch[32..36].copy_from_slice(&(records_end as u32).to_le_bytes());
    for (index, record) in batch[HEADER_BYTES..].as_chunks_mut::<RECORD_BYTES>().0.iter_mut().enumerate() {
        let index = index as u32;
        record[..4].copy_from_slice(&JOB_KEY.to_le_bytes());
        record[6] = EXTRANONCE_BYTES;
        record[8..12].copy_from_slice(&TIME.to_le_bytes());
        record[12..16].copy_from_slice(&index.to_le_bytes());
        record[16..20].copy_from_slice(&BLOCK_VERSION.to_le_bytes());
        record[32..32 + usize::from(EXTRANONCE_BYTES)].copy_from_slice(&extranonce(index));
        record[64..96].copy_from_slice(&share_target().to_le_bytes());
    }
    batch
}

/// What a record's share hashes, and its nonce. The version's place belongs to the nonce where that is wide.
fn expected(kind: &JobKind, index: u32) -> (Puzzle, u64) {
    match kind {
        JobKind::Coinbase(job) => {
            let coinbase = [&job.coinbase_prefix[..], &extranonce(index), &job.coinbase_suffix].concat();
            let root = fold_merkle_branch(sha256d(&coinbase), &job.merkle_branch, |pair| sha256d(pair));
            let header = BlockHeader::new(BLOCK_VERSION, &job.prev_hash, &root, TIME, BITS, index);
            (Puzzle::Header(header), index.into())
        }
        JobKind::Seal(job) => {
            let (header_hash, block_number) = (job.header_hash, job.block_number);
            let nonce = u64::from(BLOCK_VERSION) << 32 | u64::from(index);
            (Puzzle::Seal { header_hash, block_number }, nonce)
        }
        JobKind::Blob(job) => {
            (Puzzle::Blob { bytes: job.bytes.clone(), nonce_offset: job.nonce_offset }, index.into())
        }
    }
}
