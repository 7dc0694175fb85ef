use std::collections::BTreeMap;

use otedama_dag::{ETCHASH, ETHASH, Engine, Epoch, LightCache};
use otedama_hash_api::{MixProof, Progress};
use otedama_hash_ethash::{final_hash, light_hash, light_hash_many, reference};
use otedama_primitives::Hash;
use otedama_test_vectors::{Case, cases};

struct Known {
    case: Case,
    epoch: Epoch,
}

impl Known {
    fn in_ethash(case: Case) -> Self {
        let epoch = Epoch::new(ETHASH, case.number("/epoch") as u32).expect("a known epoch");
        Self { case, epoch }
    }

    fn in_etchash(case: Case) -> Self {
        let blocks = case.number("/epoch_length") as u32;
        let rules = if blocks == ETCHASH.epoch_blocks { ETCHASH } else { ETHASH };
        let epoch = Epoch::of_block(rules, case.number("/height") as u64).expect("a known epoch");
        assert_eq!(epoch.number(), case.number("/epoch") as u32, "{}", case.id());
        assert_eq!(epoch.seed(), case.array::<32>("/seed_hash"), "{}", case.id());
        Self { case, epoch }
    }

    fn share(&self) -> (Hash, u64) {
        (self.case.array("/header_hash"), u64::from_be_bytes(self.case.array("/nonce")))
    }

    fn proof(&self) -> MixProof {
        MixProof { mix: self.case.array("/mix_hash"), hash: self.case.array("/final_hash") }
    }
}

/// Hashes every case by every engine, those of an epoch in one batch: a light cache is built once for each.
fn check(all: impl Iterator<Item = Known>) {
    let mut epochs: BTreeMap<(&str, u32), Vec<Known>> = BTreeMap::new();
    for known in all {
        epochs.entry((known.epoch.rules().name, known.epoch.number())).or_default().push(known);
    }
    for group in epochs.into_values() {
        let cache = LightCache::build(group[0].epoch, &Progress::default()).expect("memory");
        let shares: Vec<_> = group.iter().map(Known::share).collect();
        for engine in Engine::available() {
            let mut proofs = vec![MixProof::default(); shares.len()];
            light_hash_many(&cache, &engine, &shares, &mut proofs);
            for (known, proof) in group.iter().zip(proofs) {
                assert_eq!(proof, known.proof(), "{} by {}", known.case.id(), engine.name());
            }
        }
        for known in group {
            let ((header_hash, nonce), proof) = (known.share(), known.proof());
            assert_eq!(reference::light_hash(&cache, &header_hash, nonce), proof, "{}", known.case.id());
            assert_eq!(final_hash(&header_hash, nonce, &proof.mix), proof.hash, "{}", known.case.id());
        }
    }
}

#[test]
fn ethash_hashes_and_shares_are_the_published_ones() {
    check(["hash", "share"].into_iter().flat_map(|kind| cases("ethash", kind)).map(Known::in_ethash));
}

#[test]
fn ethash_headers_prove_their_work() {
    check(cases("ethash", "header").into_iter().map(Known::in_ethash));
}

#[test]
fn etchash_hashes_and_headers_are_the_published_ones() {
    check(["hash", "header"].into_iter().flat_map(|kind| cases("etchash", kind)).map(Known::in_etchash));
}

#[test]
fn every_engine_hashes_many_shares_as_the_reference_each_alone() {
    let epoch = Epoch::new(ETHASH, 0).expect("a known epoch");
    let cache = LightCache::build(epoch, &Progress::default()).expect("memory");
    // More than two groups, the last of them part-filled.
    let shares: Vec<(Hash, u64)> =
        (0..100u64).map(|i| ([i as u8; 32], i.wrapping_mul(0x9e37_79b9_7f4a_7c15))).collect();
    let alone: Vec<_> =
        shares.iter().map(|(hash, nonce)| reference::light_hash(&cache, hash, *nonce)).collect();
    assert_eq!(light_hash(&cache, &shares[0].0, shares[0].1), alone[0]);
    for engine in Engine::available() {
        for count in [0, 1, 2, 3, 47, 48, 49, 100] {
            let mut proofs = vec![MixProof::default(); count];
            light_hash_many(&cache, &engine, &shares[..count], &mut proofs);
            assert_eq!(proofs, alone[..count], "{} of {count}", engine.name());
        }
    }
}
