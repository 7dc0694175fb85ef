#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod common;

use std::num::NonZeroUsize;

use common::{Share, batch, judged};
use otedama_hash_api::Algorithm;
use otedama_hash_registry as registry;
use otedama_hash_scrypt::reference as scrypt;
use otedama_primitives::{BlockHeader, Hash, U256, fold_merkle_branch};
use otedama_sha256::reference::sha256d;
use otedama_verify::layout::{HEADER_BYTES, RECORD_BYTES};
use otedama_verify::{
    BatchError, CoinbaseDescription, JobDescription, JobKind, JobTable, Summary, Verdict, Verifier,
    VerifyError,
};

fn description(branch: u8, network_target: U256) -> JobDescription {
    let kind = JobKind::Coinbase(CoinbaseDescription {
        coinbase_prefix: vec![branch; 60 + 7 * usize::from(branch)],
        coinbase_suffix: vec![2; 100],
        merkle_branch: (0..branch).map(|level| [level; 32]).collect(),
        prev_hash: [3; 32],
        bits: 0x1d00_ffff,
    });
    JobDescription { network_target, kind }
}

fn share(job_key: u32, index: u32, target: U256) -> Share {
    Share {
        job_key,
        extranonce: index.to_le_bytes().repeat(1 + index as usize % 8),
        time: 1_700_000_000 + index,
        nonce: index.wrapping_mul(0x9e37_79b9),
        version: 0x2000_0000 + index,
        target: target.to_le_bytes(),
    }
}

fn header(job: &JobDescription, share: &Share) -> BlockHeader {
    let JobKind::Coinbase(job) = &job.kind else { panic!("these tests are of coinbase jobs") };
    let coinbase = [&job.coinbase_prefix[..], &share.extranonce, &job.coinbase_suffix].concat();
    let root = fold_merkle_branch(sha256d(&coinbase), &job.merkle_branch, |pair| sha256d(pair));
    BlockHeader::new(share.version, &job.prev_hash, &root, share.time, job.bits, share.nonce)
}

fn pow(algorithm: Algorithm, header: &BlockHeader) -> Hash {
    match algorithm {
        Algorithm::Sha256d => sha256d(header.as_bytes()),
        _ => scrypt::hash_header(header.as_bytes()),
    }
}

fn verifier(algorithm: Algorithm) -> Verifier {
    Verifier::new(registry::preferred(algorithm), NonZeroUsize::MIN).unwrap()
}

fn table(verifier: &Verifier, jobs: &[JobDescription]) -> JobTable {
    let mut table = JobTable::default();
    for (key, job) in jobs.iter().enumerate() {
        table.add(key as u32, verifier.job(job.clone()).unwrap()).unwrap();
    }
    table
}

#[test]
fn judges_every_record_like_the_reference_with_every_backend() {
    for (algorithm, counts) in
        [(Algorithm::Sha256d, &[0, 1, 47, 48, 49, 256][..]), (Algorithm::Scrypt, &[0, 1, 7, 50][..])]
    {
        for backend in registry::available(algorithm) {
            let verifier = Verifier::new(backend, NonZeroUsize::MIN).unwrap();
            let jobs: Vec<_> = (0..5).map(|branch| description(3 * branch, U256::MAX.shr(3))).collect();
            let jobs_now = table(&verifier, &jobs).snapshot();
            for &count in counts {
                let shares: Vec<Share> =
                    (0..count).map(|index| share(index % 5, index, U256::MAX.shr(1 + index % 4))).collect();
                let mut bytes = batch(&shares);
                let summary = verifier.verify(&jobs_now, &mut bytes).unwrap();
                let mut expected = Summary::default();
                for (index, share) in shares.iter().enumerate() {
                    let job = &jobs[share.job_key as usize];
                    let header = header(job, share);
                    let hash = pow(algorithm, &header);
                    let number = U256::from_le_bytes(&hash);
                    let network = number <= job.network_target;
                    let met = number <= U256::from_le_bytes(&share.target);
                    let verdict = match (network, met) {
                        (true, true) => Verdict::Candidate,
                        (true, false) => Verdict::CandidateOnly,
                        (false, true) => Verdict::Accepted,
                        (false, false) => Verdict::LowDifficulty,
                    };
                    let judged = judged(&bytes, index);
                    assert_eq!(judged.verdict, verdict as u8, "{}", backend.backend);
                    assert_eq!(judged.pow_hash, hash, "{}", backend.backend);
                    let id = sha256d(header.as_bytes());
                    let known = algorithm == Algorithm::Sha256d || verdict.is_accepted();
                    assert_eq!(judged.block_hash, if known { id } else { [0; 32] }, "{}", backend.backend);
                    expected.accepted += u32::from(verdict.is_accepted());
                    expected.candidates += u32::from(network);
                    expected.rejected += u32::from(!verdict.is_accepted());
                }
                assert_eq!(summary, expected);
            }
        }
    }
}

#[test]
fn takes_a_hash_equal_to_the_target_and_refuses_one_above() {
    for algorithm in [Algorithm::Sha256d, Algorithm::Scrypt] {
        let verifier = verifier(algorithm);
        let base = description(2, U256::ZERO);
        let hash = U256::from_le_bytes(&pow(algorithm, &header(&base, &share(0, 1, U256::ZERO))));
        let below = hash.checked_sub(U256::from_u64(1)).unwrap();
        for (share_target, network_target, verdict) in [
            (hash, below, Verdict::Accepted),
            (below, below, Verdict::LowDifficulty),
            (hash, hash, Verdict::Candidate),
            (below, hash, Verdict::CandidateOnly),
        ] {
            let jobs = table(&verifier, &[description(2, network_target)]);
            let mut bytes = batch(&[share(0, 1, share_target)]);
            verifier.verify(&jobs.snapshot(), &mut bytes).unwrap();
            assert_eq!(judged(&bytes, 0).verdict, verdict as u8);
        }
    }
}

#[test]
fn rejects_unknown_jobs_before_malformed_records_and_leaves_no_hashes() {
    let verifier = verifier(Algorithm::Sha256d);
    let jobs = table(&verifier, &[description(1, U256::ZERO)]);
    let too_long = |job_key| Share { extranonce: vec![1; 33], ..share(job_key, 0, U256::MAX) };
    let mut bytes = batch(&[too_long(0), too_long(8), share(8, 1, U256::MAX), share(0, 2, U256::MAX)]);
    // Whatever was in the record before must not survive as a verdict.
    bytes[HEADER_BYTES + 7] = Verdict::Candidate as u8;
    bytes[HEADER_BYTES + 128..HEADER_BYTES + RECORD_BYTES].fill(0xaa);
    let summary = verifier.verify(&jobs.snapshot(), &mut bytes).unwrap();
    assert_eq!(summary, Summary { accepted: 1, candidates: 0, rejected: 3 });
    let expected = [Verdict::Malformed, Verdict::UnknownJob, Verdict::UnknownJob, Verdict::Accepted];
    for (index, verdict) in expected.into_iter().enumerate() {
        let judged = judged(&bytes, index);
        assert_eq!(judged.verdict, verdict as u8);
        assert_eq!(judged.pow_hash == [0; 32], index < 3);
        assert_eq!(judged.block_hash == [0; 32], index < 3);
    }
}

#[test]
fn writes_nothing_but_verdicts_and_hashes() {
    let verifier = verifier(Algorithm::Sha256d);
    let jobs = table(&verifier, &[description(1, U256::ZERO)]);
    let before = batch(&(0..60).map(|index| share(index % 2, index, U256::MAX)).collect::<Vec<_>>());
    let mut bytes = before.clone();
    verifier.verify(&jobs.snapshot(), &mut bytes).unwrap();
    let records_end = HEADER_BYTES + 60 * RECORD_BYTES;
    for (at, (after, before)) in bytes.iter().zip(&before).enumerate() {
        let place = at.checked_sub(HEADER_BYTES).filter(|_| at < records_end).map(|at| at % RECORD_BYTES);
        let written = place.is_some_and(|place| place == 7 || place >= 128);
        assert!(written || after == before, "byte {at}");
    }
}

#[test]
fn refuses_buffers_that_are_no_batch() {
    let verifier = verifier(Algorithm::Sha256d);
    let jobs = JobTable::default().snapshot();
    let good = batch(&[share(0, 1, U256::MAX)]);
    let refused = |bytes: &[u8]| match verifier.verify(&jobs, &mut bytes.to_vec()) {
        Err(VerifyError::Batch(error)) => Some(error),
        _ => None,
    };
    let patched = |at: usize, value: u8| {
        let mut bytes = good.clone();
        bytes[at] = value;
        refused(&bytes)
    };
    assert_eq!(refused(&good), None);
    assert_eq!(refused(&[]), Some(BatchError::TooShort));
    assert_eq!(refused(&good[..HEADER_BYTES - 1]), Some(BatchError::TooShort));
    assert_eq!(patched(0, 0), Some(BatchError::Magic));
    assert_eq!(patched(4, 2), Some(BatchError::Version));
    for (at, value) in [(6, 0), (6, 2), (7, 0xff), (32, 1), (35, 0xff), (36, 0), (39, 0xff)] {
        assert_eq!(patched(at, value), Some(BatchError::Length), "byte {at}");
    }
    for length in HEADER_BYTES..good.len() {
        assert_eq!(refused(&good[..length]), Some(BatchError::Length), "{length} bytes");
    }
    assert_eq!(refused(&[&good[..], &[0]].concat()), Some(BatchError::Length));
}

#[test]
fn judges_on_many_threads_at_once() {
    let verifier = verifier(Algorithm::Scrypt);
    let jobs = table(&verifier, &[description(4, U256::ZERO)]).snapshot();
    let shares: Vec<Share> = (0..20).map(|index| share(0, index, U256::MAX.shr(1))).collect();
    let mut expected = batch(&shares);
    verifier.verify(&jobs, &mut expected).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..3 {
                    let mut bytes = batch(&shares);
                    verifier.verify(&jobs, &mut bytes).unwrap();
                    assert_eq!(bytes, expected);
                }
            });
        }
    });
}
