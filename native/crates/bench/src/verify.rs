use otedama_hash_api::HashError;
use otedama_primitives::{BlockHeader, Hash, U256, fold_merkle_branch};
use otedama_sha256::Engine;
use otedama_sha256::reference::sha256d;
use otedama_verify::layout::{HEADER_BYTES, MAGIC, RECORD_BYTES, VERSION};
use otedama_verify::{Job, JobDescription, JobTable, JobsSnapshot, Verdict, Verifier};

use crate::{Clock, Options, ThreadRun, reference_hash};

/// A full batch of the gateway.
const RECORDS: u16 = 256;

/// The size of real jobs: a coinbase of about 300 bytes, a few thousand transactions.
const PREFIX_BYTES: usize = 110;
const SUFFIX_BYTES: usize = 180;
const BRANCH: usize = 12;
const EXTRANONCE_BYTES: u8 = 12;

const JOB_KEY: u32 = 1;
const TIME: u32 = 1_700_000_000;
const BITS: u32 = 0x1d00_ffff;
const BLOCK_VERSION: u32 = 0x2000_0000;

pub fn run_thread(options: &Options, _index: u32, clock: &Clock) -> Result<ThreadRun, HashError> {
    let verifier = Verifier::new(options.algorithm, options.backend);
    let description = description();
    let jobs = jobs(&description);
    let mut batch = batch();
    let mut judged = true;
    let (hashes, elapsed) = clock.repeat(|| {
        // A thread that failed still meets the others at the start, or they would wait for it forever.
        let Ok(verifier) = &verifier else { return 0 };
        judged &= verifier.verify(&jobs, &mut batch).is_ok();
        u64::from(RECORDS)
    });
    verifier?;
    let records = batch[HEADER_BYTES..].as_chunks::<RECORD_BYTES>().0;
    let checked = records.iter().enumerate().all(|(index, record)| {
        let header = expected_header(&description, index as u32);
        let hash = reference_hash(options.algorithm, &header);
        let met = U256::from_le_bytes(&hash) <= share_target();
        let verdict = if met { Verdict::Accepted } else { Verdict::LowDifficulty };
        record[7] == verdict as u8 && record[128..160] == hash
    });
    Ok(ThreadRun { hashes, elapsed, checked: judged && checked })
}

fn description() -> JobDescription {
    JobDescription {
        coinbase_prefix: vec![0x11; PREFIX_BYTES],
        coinbase_suffix: vec![0x22; SUFFIX_BYTES],
        merkle_branch: (0..BRANCH as u8).map(|level| [level; 32]).collect(),
        prev_hash: [0x33; 32],
        bits: BITS,
        network_target: U256::ZERO,
    }
}

fn jobs(description: &JobDescription) -> JobsSnapshot {
    let mut table = JobTable::default();
    let job = Job::new(description.clone(), &Engine::fastest()).expect("the job is within its limits");
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

fn batch() -> Vec<u8> {
    let records_end = HEADER_BYTES + usize::from(RECORDS) * RECORD_BYTES;
    let mut batch = vec![0u8; records_end];
    batch[..4].copy_from_slice(&MAGIC.to_le_bytes());
    batch[4..6].copy_from_slice(&VERSION.to_le_bytes());
    batch[6..8].copy_from_slice(&RECORDS.to_le_bytes());
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

fn expected_header(job: &JobDescription, index: u32) -> BlockHeader {
    let coinbase = [&job.coinbase_prefix[..], &extranonce(index), &job.coinbase_suffix].concat();
    let root: Hash = fold_merkle_branch(sha256d(&coinbase), &job.merkle_branch, |pair| sha256d(pair));
    BlockHeader::new(BLOCK_VERSION, &job.prev_hash, &root, TIME, BITS, index)
}
