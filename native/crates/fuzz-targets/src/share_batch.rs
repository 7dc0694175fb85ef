//! Batches as a peer could send them, judged and compared with a judgement made share by share from the
//! reference functions.

use std::num::NonZeroUsize;
use std::sync::LazyLock;

use otedama_hash_api::Algorithm;
use otedama_hash_registry as registry;
use otedama_primitives::{BlockHeader, Hash, U256, fold_merkle_branch};
use otedama_sha256::reference::sha256d;
use otedama_verify::layout::{Claim, HEADER_BYTES, MAGIC, RECORD_BYTES, Record, VERSION};
use otedama_verify::{
    CoinbaseDescription, JobDescription, JobKind, JobTable, JobsSnapshot, Verdict, Verifier,
};

struct Pool {
    verifier: Verifier,
    jobs: JobsSnapshot,
    descriptions: Vec<(u32, CoinbaseDescription, U256)>,
}

static POOL: LazyLock<Pool> = LazyLock::new(|| {
    let selection = registry::preferred(Algorithm::Sha256d);
    let verifier = Verifier::new(selection, NonZeroUsize::MIN).expect("known answers are right");
    let mut table = JobTable::default();
    let mut descriptions = Vec::new();
    // Branches of several lengths share lanes; network targets are easier and harder than share targets.
    for (key, (branch, network_zeros)) in [(0usize, 3), (1, 0), (5, 9)].into_iter().enumerate() {
        let description = CoinbaseDescription {
            coinbase_prefix: vec![0x11; 60 + 10 * key],
            coinbase_suffix: vec![0x22; 40],
            merkle_branch: (0..branch).map(|level| [level as u8 ^ 0x5a; 32]).collect(),
            prev_hash: [0x33; 32],
            bits: 0x1d00_ffff,
        };
        let network_target = U256::MAX.shr(network_zeros);
        let kind = JobKind::Coinbase(description.clone());
        let job = verifier.job(JobDescription { network_target, kind }).expect("within the limits");
        table.add(key as u32, job).expect("the table has room");
        descriptions.push((key as u32, description, network_target));
    }
    Pool { verifier, jobs: table.snapshot(), descriptions }
});

pub fn run(data: &[u8]) {
    let mut batch = data.to_vec();
    let Ok(summary) = POOL.verifier.verify(&POOL.jobs, &mut batch) else {
        assert!(batch == data, "a refused batch is left alone");
        return;
    };
    let split = |bytes: &[u8]| bytes[HEADER_BYTES..].as_chunks::<RECORD_BYTES>().0.to_vec();
    let count = usize::from(u16::from_le_bytes([data[6], data[7]]));
    let (mut accepted, mut candidates) = (0, 0);
    for (given, judged) in split(data).iter().zip(&split(&batch)).take(count) {
        let (verdict, pow_hash, block_hash) = expected(given);
        let mut record = *given;
        record[7] = verdict as u8;
        record[128..160].copy_from_slice(&pow_hash);
        record[160..].copy_from_slice(&block_hash);
        assert!(record == *judged, "{verdict:?}");
        accepted += u32::from(verdict.is_accepted());
        candidates += u32::from(verdict.is_candidate());
    }
    assert_eq!((summary.accepted, summary.candidates), (accepted, candidates));
    assert_eq!(summary.accepted + summary.rejected, count as u32);
    let records_end = HEADER_BYTES + count * RECORD_BYTES;
    assert!(batch[..HEADER_BYTES] == data[..HEADER_BYTES] && batch[records_end..] == data[records_end..]);
}

fn expected(record: &Record) -> (Verdict, Hash, Hash) {
    let claim = Claim::read(record);
    let job = POOL.descriptions.iter().find(|(key, ..)| *key == claim.job_key);
    let Some((_, job, network_target)) = job else { return (Verdict::UnknownJob, [0; 32], [0; 32]) };
    let Some(extranonce) = claim.extranonce else { return (Verdict::Malformed, [0; 32], [0; 32]) };
    let coinbase = [&job.coinbase_prefix, extranonce, &job.coinbase_suffix].concat();
    let root = fold_merkle_branch(sha256d(&coinbase), &job.merkle_branch, |pair| sha256d(pair));
    let header = BlockHeader::new(claim.version, &job.prev_hash, &root, claim.time, job.bits, claim.nonce);
    let hash = sha256d(header.as_bytes());
    let number = U256::from_le_bytes(&hash);
    let verdict = match (number <= claim.share_target, number <= *network_target) {
        (true, true) => Verdict::Candidate,
        (false, true) => Verdict::CandidateOnly,
        (true, false) => Verdict::Accepted,
        (false, false) => Verdict::LowDifficulty,
    };
    (verdict, hash, hash)
}

pub fn seeds() -> Vec<Vec<u8>> {
    [0, 1, 3, 50].map(|records| batch(records, 11)).to_vec()
}

/// A batch of shares of all jobs and of one that is not there, with some account table.
fn batch(records: u16, table: u32) -> Vec<u8> {
    let records_end = HEADER_BYTES + usize::from(records) * RECORD_BYTES;
    let mut bytes = vec![0u8; records_end];
    bytes[..4].copy_from_slice(&MAGIC.to_le_bytes());
    bytes[4..6].copy_from_slice(&VERSION.to_le_bytes());
    bytes[6..8].copy_from_slice(&records.to_le_bytes());
    bytes[32..36].copy_from_slice(&(records_end as u32).to_le_bytes());
    bytes[36..40].copy_from_slice(&table.to_le_bytes());
    for (index, record) in bytes[HEADER_BYTES..].as_chunks_mut::<RECORD_BYTES>().0.iter_mut().enumerate() {
        record[0] = index as u8 % 4;
        record[6] = index as u8 % 34;
        record[8..20].fill(index as u8);
        record[32..64].fill(0x44);
        record[64..96].copy_from_slice(&U256::MAX.shr(index as u32 % 4).to_le_bytes());
    }
    bytes.resize(records_end + table as usize, 9);
    bytes
}
