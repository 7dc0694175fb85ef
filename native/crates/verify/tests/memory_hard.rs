//! Batches of the algorithms that need a light cache, with recorded shares where there are some.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod common;

use std::num::NonZeroUsize;

use common::{Share, batch, judged};
use otedama_cryptonote::{MinerTxVersion, TemplateParts};
use otedama_hash_api::Algorithm;
use otedama_hash_registry as registry;
use otedama_keccak::keccak256;
use otedama_primitives::{Hash, U256};
use otedama_test_vectors::{Case, cases};
use otedama_verify::layout::{HEADER_BYTES, RECORD_BYTES};
use otedama_verify::{
    BlobDescription, JobDescription, JobKind, JobTable, SealDescription, Summary, Verdict, Verifier,
};

fn verifier(algorithm: Algorithm) -> Verifier {
    Verifier::new(registry::preferred(algorithm), NonZeroUsize::new(2).unwrap()).unwrap()
}

/// A share of the Seal family: the nonce takes the version's place too.
fn seal_share(job_key: u32, nonce: u64, target: U256) -> Share {
    let (nonce, version) = (nonce as u32, (nonce >> 32) as u32);
    Share { job_key, extranonce: vec![], time: 0, nonce, version, target: target.to_le_bytes() }
}

fn claim_mix(batch: &mut [u8], index: usize, mix: &Hash) {
    batch[HEADER_BYTES + index * RECORD_BYTES + 160..][..32].copy_from_slice(mix);
}

fn judge_seals(
    algorithm: Algorithm,
    jobs: &[SealDescription],
    network_target: U256,
    bytes: &mut [u8],
) -> Summary {
    let verifier = verifier(algorithm);
    let mut table = JobTable::default();
    for (key, job) in (0..).zip(jobs) {
        let description = JobDescription { network_target, kind: JobKind::Seal(job.clone()) };
        table.add(key, verifier.job(description).unwrap()).unwrap();
    }
    verifier.verify(&table.snapshot(), bytes).unwrap()
}

/// Cases of one epoch, so that one light cache serves all.
fn seal_cases(file: &str, epoch_blocks: u64) -> Vec<(Case, u32)> {
    let of_first_epoch = |case: Case| {
        let height = case.get("/height")?.as_u64()?;
        (height < epoch_blocks).then_some((case, height as u32))
    };
    let found: Vec<_> = cases(file, "hash").into_iter().filter_map(of_first_epoch).collect();
    assert!(!found.is_empty(), "{file} has hashes of the first epoch");
    found
}

fn judges_at_the_edge(algorithm: Algorithm, file: &str, epoch_blocks: u64) {
    let one = U256::from_u64(1);
    for (case, block_number) in seal_cases(file, epoch_blocks) {
        let hash = U256::from_be_bytes(case.array("/final_hash"));
        let nonce = case.nonce("/nonce");
        let job = SealDescription { header_hash: case.array("/header_hash"), block_number };
        let below = hash.checked_sub(one).unwrap();
        let shares = [hash, hash.checked_add(one).unwrap(), below].map(|target| seal_share(0, nonce, target));
        let mut bytes = batch(&shares);
        // Claimed in the first record only: the others are hashed without.
        claim_mix(&mut bytes, 0, &case.array("/mix_hash"));
        let summary = judge_seals(algorithm, std::slice::from_ref(&job), U256::ZERO, &mut bytes);
        assert_eq!(summary, Summary { accepted: 2, candidates: 0, rejected: 1 }, "{}", case.id());
        for (index, verdict) in
            [Verdict::Accepted, Verdict::Accepted, Verdict::LowDifficulty].iter().enumerate()
        {
            let judged = judged(&bytes, index);
            assert_eq!(judged.verdict, *verdict as u8, "{}", case.id());
            assert_eq!(judged.pow_hash, case.array::<32>("/final_hash"), "{}", case.id());
            assert_eq!(judged.block_hash, case.array::<32>("/mix_hash"), "{}", case.id());
        }
        let mut bytes = batch(&[seal_share(0, nonce, below)]);
        let summary = judge_seals(algorithm, &[job], hash, &mut bytes);
        assert_eq!(summary, Summary { accepted: 1, candidates: 1, rejected: 0 }, "{}", case.id());
        assert_eq!(judged(&bytes, 0).verdict, Verdict::CandidateOnly as u8);
    }
}

#[test]
fn judges_recorded_ethash_at_the_edge() {
    judges_at_the_edge(Algorithm::Ethash, "ethash", 30_000);
}

#[test]
fn judges_recorded_kawpow_at_the_edge() {
    judges_at_the_edge(Algorithm::KawPow, "kawpow", 7_500);
}

#[test]
fn never_believes_a_claimed_mix() {
    let (case, block_number) = seal_cases("kawpow", 7_500).remove(0);
    let job = SealDescription { header_hash: case.array("/header_hash"), block_number };
    let hash = U256::from_be_bytes(case.array("/final_hash"));
    let wrong_mix = [0x77; 32];
    // What the wrong mix leads to is met by one target and not by the other; the true hash decides.
    let mut bytes = batch(&[
        seal_share(0, case.nonce("/nonce"), U256::MAX),
        seal_share(0, case.nonce("/nonce") ^ 1, U256::from_u64(1)),
    ]);
    claim_mix(&mut bytes, 0, &wrong_mix);
    claim_mix(&mut bytes, 1, &wrong_mix);
    let summary = judge_seals(Algorithm::KawPow, &[job], U256::ZERO, &mut bytes);
    assert_eq!(summary, Summary { accepted: 1, candidates: 0, rejected: 1 });
    assert_eq!(U256::from_be_bytes(judged(&bytes, 0).pow_hash.try_into().unwrap()), hash);
    assert_eq!(judged(&bytes, 0).block_hash, case.array::<32>("/mix_hash"));
    assert_eq!(judged(&bytes, 1).verdict, Verdict::LowDifficulty as u8);
}

#[test]
fn judges_a_full_batch_of_several_jobs_and_unknown_ones() {
    let jobs: Vec<SealDescription> =
        (0..3).map(|job| SealDescription { header_hash: [job; 32], block_number: 7 }).collect();
    let shares: Vec<Share> =
        (0..130).map(|index| seal_share(index % 4, u64::from(index) << 20, U256::MAX.shr(1))).collect();
    let mut bytes = batch(&shares);
    let summary = judge_seals(Algorithm::Ethash, &jobs, U256::ZERO, &mut bytes);
    assert_eq!(summary.accepted + summary.rejected, 130);
    let light = otedama_contexts::Contexts::shared()
        .light(otedama_contexts::Key::of_block(Algorithm::Ethash, 0).unwrap().unwrap())
        .unwrap();
    for (index, share) in shares.iter().enumerate().step_by(9) {
        let judged = judged(&bytes, index);
        let Some(job) = jobs.get(share.job_key as usize) else {
            assert_eq!(judged.verdict, Verdict::UnknownJob as u8);
            continue;
        };
        let proof = registry::seal_reference(&light, &job.header_hash, 7, (index as u64) << 20);
        assert_eq!((judged.pow_hash, judged.block_hash), (&proof.hash[..], &proof.mix[..]));
    }
}

/// A recorded block as its pool's template had it before the share: cut around an extra nonce of four bytes.
struct Mined {
    case: Case,
    template: TemplateParts,
    extra_nonce: Vec<u8>,
    nonce: u32,
    pow_hash: U256,
}

impl Mined {
    fn of(case: Case) -> Self {
        let block = case.bytes("/block_blob");
        let tx_hashes = case.hashes("/tx_hashes");
        let nonce_offset = case.number("/nonce_offset") as usize;
        let mut header = block[..nonce_offset + 4].to_vec();
        header[nonce_offset..].fill(0);
        // RCTTypeNull and the count of transactions, a byte each here.
        let prefix_end = block.len() - 32 * tx_hashes.len() - 2;
        let mut level = [&[[0; 32]], &tx_hashes[..]].concat();
        let tx_count = level.len() as u32;
        let mut merkle_branch = Vec::new();
        while level.len() > 1 {
            merkle_branch.push(level[1]);
            level = level.chunks(2).map(|pair| keccak256(pair.as_flattened())).collect();
        }
        // Wherever the gap is, the block's own bytes in it give the block.
        let extra_nonce = prefix_end - 20..prefix_end - 16;
        let template = TemplateParts {
            miner_tx_version: MinerTxVersion::V2,
            miner_tx_prefix: block[header.len()..extra_nonce.start].to_vec(),
            miner_tx_suffix: block[extra_nonce.end..prefix_end].to_vec(),
            extra_nonce_bytes: extra_nonce.len(),
            header,
            nonce_offset,
            merkle_branch,
            tx_count,
        };
        let nonce = u32::from_le_bytes(case.array("/nonce"));
        let pow_hash = U256::from_le_bytes(&case.array("/pow_hash"));
        Self { extra_nonce: block[extra_nonce].to_vec(), case, template, nonce, pow_hash }
    }

    /// As if its miner had brought it: cut around the eight bytes that begin with the extra nonce.
    fn brought(&self) -> (Vec<u8>, TemplateParts) {
        let mut parts = self.template.clone();
        let rest = parts.miner_tx_suffix.split_off(4);
        let extra_nonce = [&self.extra_nonce[..], &parts.miner_tx_suffix].concat();
        parts.miner_tx_suffix = rest;
        parts.extra_nonce_bytes = extra_nonce.len();
        (extra_nonce, parts)
    }

    /// Blocks of one seed, so that one cache serves all, whose tree is made of pairs alone.
    fn all() -> Vec<Self> {
        let all = cases("randomx", "block").into_iter();
        let seed = "11186f5a8473d8dc7a0d3a0bf25834a07b1dffe8741d53cd543a8708c2e8b2a9";
        let of_pairs = |case: &Case| (case.hashes("/tx_hashes").len() + 1).is_power_of_two();
        let of_seed = all.filter(|case| case.text("/seed_hash") == seed).filter(of_pairs);
        of_seed.map(Self::of).collect()
    }

    fn share(&self, job_key: u32, target: U256) -> Share {
        let (extranonce, nonce) = (self.extra_nonce.clone(), self.nonce);
        Share { job_key, extranonce, time: 0, nonce, version: 0, target: target.to_le_bytes() }
    }

    fn judge(&self, network_target: U256, shares: &[Share]) -> (Vec<u8>, Summary) {
        let verifier = verifier(Algorithm::RandomX);
        let kind = JobKind::Blob(BlobDescription {
            template: self.template.clone(),
            seed: self.case.array("/seed_hash"),
        });
        let mut table = JobTable::default();
        table.add(1, verifier.job(JobDescription { network_target, kind }).unwrap()).unwrap();
        let mut bytes = batch(shares);
        let summary = verifier.verify(&table.snapshot(), &mut bytes).unwrap();
        (bytes, summary)
    }
}

#[test]
fn judges_recorded_randomx_blocks_at_the_edge() {
    let all = Mined::all();
    assert!(all.iter().any(|mined| mined.template.tx_count == 8), "one with a branch");
    for mined in all {
        let id = mined.case.id();
        let below = mined.pow_hash.checked_sub(U256::from_u64(1)).unwrap();
        let shares = [mined.pow_hash, below].map(|target| mined.share(1, target));
        for (network_target, verdicts) in [
            (below, [Verdict::Accepted, Verdict::LowDifficulty]),
            (mined.pow_hash, [Verdict::Candidate, Verdict::CandidateOnly]),
        ] {
            let (bytes, _) = mined.judge(network_target, &shares);
            for (index, verdict) in verdicts.into_iter().enumerate() {
                let judged = judged(&bytes, index);
                assert_eq!(judged.verdict, verdict as u8, "{id}");
                assert_eq!(judged.pow_hash, mined.case.array::<32>("/pow_hash"), "{id}");
                let block_id = if verdict.is_candidate() { mined.case.array("/block_id") } else { [0; 32] };
                assert_eq!(judged.block_hash, block_id, "{id}");
            }
        }
    }
}

#[test]
fn hashes_the_blob_of_each_shares_extra_nonce() {
    let mined = Mined::all().remove(0);
    let with =
        |extranonce: &[u8]| Share { extranonce: extranonce.to_vec(), ..mined.share(1, mined.pow_hash) };
    let mut other = mined.extra_nonce.clone();
    other[0] ^= 1;
    let longer = [&mined.extra_nonce[..], &[0]].concat();
    let mut shares: Vec<Share> =
        [&mined.extra_nonce, &other, &mined.extra_nonce[..3], &longer, &[], &[0; 33]].map(with).to_vec();
    shares.push(Share { job_key: 2, ..mined.share(1, U256::MAX) });
    let (bytes, summary) = mined.judge(U256::ZERO, &shares);
    assert_eq!(summary, Summary { accepted: 1, candidates: 0, rejected: 6 });
    let verdicts: Vec<u8> = (0..shares.len()).map(|index| judged(&bytes, index).verdict).collect();
    let malformed = Verdict::Malformed as u8;
    let expected = [Verdict::Accepted as u8, Verdict::LowDifficulty as u8, malformed, malformed, malformed];
    assert_eq!(verdicts[..5], expected);
    assert_eq!(verdicts[5..], [malformed, Verdict::UnknownJob as u8]);
    assert_ne!(judged(&bytes, 0).pow_hash, judged(&bytes, 1).pow_hash);
    assert_eq!(judged(&bytes, 2).pow_hash, [0; 32]);
}

#[test]
fn judges_shares_of_a_miners_template_by_it_alone() {
    let all = Mined::all();
    let [of_the_pool, mined, ..] = &all[..] else { panic!("two blocks of one seed") };
    let verifier = verifier(Algorithm::RandomX);
    let kind = JobKind::Blob(BlobDescription {
        template: of_the_pool.template.clone(),
        seed: of_the_pool.case.array("/seed_hash"),
    });
    let mut table = JobTable::default();
    let description = JobDescription { network_target: mined.pow_hash, kind };
    table.add(1, verifier.job(description).unwrap()).unwrap();
    let snapshot = table.snapshot();

    let (extranonce, parts) = mined.brought();
    let own = Share { extranonce: extranonce.clone(), ..mined.share(1, mined.pow_hash) };
    let other = Share { extranonce: [&[extranonce[0] ^ 1], &extranonce[1..]].concat(), ..own.clone() };
    let shares = [own, other, of_the_pool.share(1, of_the_pool.pow_hash)];
    let judge = |adopted: Verdict| {
        let mut bytes = batch(&shares);
        verifier.verify(&snapshot, &mut bytes).unwrap();
        let verdicts = [0, 1, 2].map(|index| judged(&bytes, index).verdict);
        assert_eq!(verdicts[..2], [adopted as u8, Verdict::UnknownJob as u8]);
        assert!([Verdict::Accepted as u8, Verdict::Candidate as u8].contains(&verdicts[2]));
        bytes
    };
    judge(Verdict::UnknownJob);
    table.adopt(1, &extranonce, parts).unwrap();
    let bytes = judge(Verdict::Candidate);
    let own = judged(&bytes, 0);
    assert_eq!(own.pow_hash, mined.case.array::<32>("/pow_hash"));
    assert_eq!(own.block_hash, mined.case.array::<32>("/block_id"));
}
