//! Real shares of real pools, from notify and submit to the verdict.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod common;

use std::num::NonZeroUsize;

use common::{Share, batch, judged};
use otedama_hash_api::Algorithm;
use otedama_hash_registry as registry;
use otedama_primitives::{U256, decode_compact};
use otedama_test_vectors::{Case, cases};
use otedama_verify::{CoinbaseDescription, JobDescription, JobKind, JobTable, Summary, Verdict, Verifier};

/// The previous hash on the wire has the bytes of each word reversed.
fn swap_words(mut bytes: [u8; 32]) -> [u8; 32] {
    for word in bytes.as_chunks_mut::<4>().0 {
        word.reverse();
    }
    bytes
}

fn job(case: &Case, params: &str) -> JobDescription {
    let bits = case.hex_u32(&format!("{params}/6"));
    let kind = JobKind::Coinbase(CoinbaseDescription {
        coinbase_prefix: case.bytes(&format!("{params}/2")),
        coinbase_suffix: case.bytes(&format!("{params}/3")),
        merkle_branch: case.hashes(&format!("{params}/4")),
        prev_hash: swap_words(case.array(&format!("{params}/1"))),
        bits,
    });
    JobDescription { network_target: decode_compact(bits).pow_target().unwrap(), kind }
}

fn judge(job: JobDescription, share: &Share) -> (Vec<u8>, Summary) {
    let verifier = Verifier::new(registry::preferred(Algorithm::Sha256d), NonZeroUsize::MIN).unwrap();
    let mut table = JobTable::default();
    table.add(share.job_key, verifier.job(job).unwrap()).unwrap();
    let mut bytes = batch(std::slice::from_ref(share));
    let summary = verifier.verify(&table.snapshot(), &mut bytes).unwrap();
    (bytes, summary)
}

#[test]
fn judges_recorded_shares() {
    for case in cases("stratum-v1", "share") {
        let share = Share {
            job_key: 1,
            extranonce: [case.bytes("/extranonce1"), case.bytes("/submit/params/2")].concat(),
            time: case.hex_u32("/submit/params/3"),
            nonce: case.hex_u32("/submit/params/4"),
            version: case.hex_u32("/expect/version"),
            target: case.reversed("/expect/hash"),
        };
        let (bytes, summary) = judge(job(&case, "/notify/params"), &share);
        let judged = judged(&bytes, 0);
        assert_eq!(judged.pow_hash, case.reversed("/expect/hash"), "{}", case.id());
        assert_eq!(judged.block_hash, judged.pow_hash, "{}", case.id());
        let block = case.flag("/expect/meets_nbits");
        let verdict = if block { Verdict::Candidate } else { Verdict::Accepted };
        assert_eq!(judged.verdict, verdict as u8, "{}", case.id());
        assert_eq!(summary, Summary { accepted: 1, candidates: block.into(), rejected: 0 });
    }
}

#[test]
fn builds_the_headers_of_recorded_jobs() {
    for case in cases("stratum-v1", "pool-job") {
        let size = case.number("/extranonce2_size") as usize;
        let share = Share {
            job_key: 1,
            extranonce: [case.bytes("/extranonce1"), vec![0; size]].concat(),
            time: case.hex_u32("/notify_params/7"),
            nonce: 0x0102_0304,
            version: case.hex_u32("/notify_params/5"),
            target: U256::MAX.to_le_bytes(),
        };
        let (bytes, _) = judge(job(&case, "/notify_params"), &share);
        let mut header = case.bytes("/expect/header_without_nonce");
        header.extend_from_slice(&share.nonce.to_le_bytes());
        assert_eq!(judged(&bytes, 0).pow_hash, otedama_sha256::reference::sha256d(&header), "{}", case.id());
    }
}
