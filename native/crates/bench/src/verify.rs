use std::num::NonZeroUsize;
use std::time::Instant;

use otedama_cryptonote::{MinerTxVersion, Template, TemplateParts};
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
use crate::{Clock, Latency, Measurement, Options, SEED, ThreadRun, reference};

/// The size of real jobs: a coinbase of about 300 bytes, a few thousand transactions.
const PREFIX_BYTES: usize = 110;
const SUFFIX_BYTES: usize = 180;
const BRANCH: usize = 12;
const EXTRANONCE_BYTES: u8 = 12;

/// Monero's: a miner transaction with one output, some forty transactions.
const BLOB_HEADER_BYTES: usize = 43;
const BLOB_PREFIX_BYTES: usize = 88;
const BLOB_SUFFIX_BYTES: usize = 44;
const BLOB_TXS: u32 = 40;

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
    let shares = records_of(options.selection.algorithm);
    // One thread each: the threads of the measurement are its own.
    let mut judging = Judging::start(options, NonZeroUsize::MIN, shares);
    let (hashes, elapsed) = clock.repeat(|| {
        // A thread that failed still meets the others at the start, or they would wait for it forever.
        let Ok(judging) = &mut judging else { return 0 };
        judging.judge();
        shares.into()
    });
    Ok(ThreadRun { hashes, elapsed, checked: judging?.check(options, source)? })
}

pub fn run_batches(options: &Options, source: &Source, shares: u16) -> Result<Measurement, HashError> {
    let threads = NonZeroUsize::new(options.threads as usize).unwrap_or(NonZeroUsize::MIN);
    let mut judging = Judging::start(options, threads, shares)?;
    let mut latencies = Vec::new();
    let start = Instant::now();
    let elapsed = loop {
        let begun = Instant::now();
        judging.judge();
        latencies.push(begun.elapsed());
        let elapsed = start.elapsed();
        if elapsed >= options.duration {
            break elapsed;
        }
    };
    let hashes = u64::from(shares) * latencies.len() as u64;
    let checked = judging.check(options, source)?;
    Ok(Measurement { hashes, elapsed, checked, latency: Latency::of(latencies) })
}

/// A verifier, and a batch that it judges again and again.
struct Judging {
    verifier: Verifier,
    description: JobDescription,
    jobs: JobsSnapshot,
    batch: Vec<u8>,
    /// Whether no batch was refused.
    judged: bool,
}

impl Judging {
    /// The first batch has every hasher made and tested.
    fn start(options: &Options, threads: NonZeroUsize, shares: u16) -> Result<Self, HashError> {
        let verifier = Verifier::new(options.selection, threads)?;
        let description = description(options);
        let jobs = snapshot(&verifier, &description);
        let mut judging = Self { verifier, description, jobs, batch: batch(shares), judged: true };
        judging.judge();
        Ok(judging)
    }

    fn judge(&mut self) {
        for record in self.batch[HEADER_BYTES..].as_chunks_mut::<RECORD_BYTES>().0 {
            // The mix that was written there would be a claim now, by which bad shares are refused unhashed.
            record[160..].fill(0);
        }
        self.judged &= self.verifier.verify(&self.jobs, &mut self.batch).is_ok();
    }

    fn check(&self, options: &Options, source: &Source) -> Result<bool, HashError> {
        let algorithm = options.selection.algorithm;
        let mut checked = self.judged;
        let records = self.batch[HEADER_BYTES..].as_chunks::<RECORD_BYTES>().0;
        for (index, record) in records.iter().take(checked_of(algorithm)).enumerate() {
            let (puzzle, nonce) = expected(&self.description.kind, index as u32);
            let proof = reference::hash(algorithm, source.light(), &puzzle, nonce)?;
            let met = number(algorithm, &proof.hash) <= share_target();
            let verdict = if met { Verdict::Accepted } else { Verdict::LowDifficulty };
            checked &= record[7] == verdict as u8 && record[128..160] == proof.hash;
        }
        Ok(checked)
    }
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
            let template = TemplateParts {
                header: vec![0x33; BLOB_HEADER_BYTES],
                nonce_offset: BLOB_HEADER_BYTES - 4,
                miner_tx_version: MinerTxVersion::V2,
                miner_tx_prefix: vec![0x11; BLOB_PREFIX_BYTES],
                miner_tx_suffix: vec![0x22; BLOB_SUFFIX_BYTES],
                extra_nonce_bytes: EXTRANONCE_BYTES.into(),
                merkle_branch: (0..BLOB_TXS.ilog2() as u8).map(|level| [level; 32]).collect(),
                tx_count: BLOB_TXS,
            };
            JobKind::Blob(BlobDescription { template, seed: SEED })
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
            let template = Template::new(job.template.clone()).expect("the job was accepted");
            let bytes = template.hashing_blob(&extranonce(index)).expect("the extra nonce has its length");
            (Puzzle::Blob { bytes, nonce_offset: template.nonce_offset() }, index.into())
        }
    }
}
