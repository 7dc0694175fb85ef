use std::collections::BTreeMap;
use std::sync::Arc;

use otedama_dag::{Epoch, KAWPOW, LightCache};
use otedama_hash_api::{MixProof, Progress};
use otedama_hash_kawpow::{Context, Share, final_hash, light_hash, light_hash_many};
use otedama_keccak::{Engine, keccak_f800, keccak256};
use otedama_primitives::U256;
use otedama_test_vectors::{Case, cases, unhex};

fn context(epoch: u32) -> Context {
    let epoch = Epoch::new(KAWPOW, epoch).expect("an epoch of the vectors");
    Context::new(Arc::new(LightCache::build(epoch, &Progress::default()).expect("memory")))
}

/// A share with the proof it must have.
struct Expected {
    id: String,
    share: Share,
    proof: MixProof,
}

fn expected(case: &Case, nonce: &str, hash: &str) -> Expected {
    Expected {
        id: case.id().to_owned(),
        share: Share {
            header_hash: case.array("/header_hash"),
            height: case.number("/height") as u32,
            nonce: u64::from_str_radix(case.text(nonce), 16).expect("a hex number"),
        },
        proof: MixProof { mix: case.array("/mix_hash"), hash: case.array(hash) },
    }
}

fn all_expected() -> Vec<Expected> {
    let mut all = Vec::new();
    for kind in ["hash", "share"] {
        all.extend(cases("kawpow", kind).iter().map(|case| expected(case, "/nonce", "/final_hash")));
    }
    for kind in ["header", "block"] {
        all.extend(cases("kawpow", kind).iter().map(|case| expected(case, "/nonce64", "/hash")));
    }
    all
}

#[test]
fn light_hashes_are_the_published_ones() {
    let mut by_epoch: BTreeMap<u32, Vec<Expected>> = BTreeMap::new();
    for expected in all_expected() {
        by_epoch.entry(expected.share.height / KAWPOW.epoch_blocks).or_default().push(expected);
    }
    assert!(by_epoch.len() > 10);
    for (epoch, all) in by_epoch {
        let context = context(epoch);
        for Expected { id, share, proof } in &all {
            assert_eq!(light_hash(&context, &share.header_hash, share.height, share.nonce), *proof, "{id}");
        }
        // The first is repeated, so that groups become full and uneven.
        let shares: Vec<Share> =
            all.iter().map(|expected| expected.share).chain([all[0].share; 18]).collect();
        let mut proofs = vec![MixProof::default(); shares.len()];
        light_hash_many(&context, &shares, &mut proofs);
        for (Expected { id, proof, .. }, found) in all.iter().chain([&all[0]; 18]).zip(&proofs) {
            assert_eq!(found, proof, "{id} among others");
        }
        let Expected { id, share, proof } = &all[0];
        let reference = light_hash(&context.reference(), &share.header_hash, share.height, share.nonce);
        assert_eq!(reference, *proof, "{id} by the reference");
    }
}

#[test]
fn final_hashes_need_no_dataset() {
    for Expected { id, share, proof } in all_expected() {
        assert_eq!(final_hash(&share.header_hash, share.nonce, &proof.mix), proof.hash, "{id}");
    }
}

#[test]
fn headers_hold_what_is_hashed() {
    let engine = otedama_sha256::Engine::available()[0];
    for case in cases("kawpow", "header").iter().chain(&cases("kawpow", "block")) {
        let header = case.bytes("/header");
        let Expected { id, share, proof } = expected(case, "/nonce64", "/hash");
        let mut hash = engine.sha256d(&header[..80]);
        hash.reverse();
        assert_eq!(hash, share.header_hash, "{id}");
        assert_eq!(header[76..80], share.height.to_le_bytes(), "{id}");
        assert_eq!(header[80..88], share.nonce.to_le_bytes(), "{id}");
        let mut mix = proof.mix;
        mix.reverse();
        assert_eq!(header[88..], mix, "{id}");
    }
}

#[test]
fn the_first_nonce_under_a_boundary_is_found() {
    let context = context(0);
    for case in cases("kawpow", "search") {
        let start = case.number("/start_nonce") as u64;
        let header_hash = case.array("/header_hash");
        let height = case.number("/height") as u32;
        let nonces = start..start + case.number("/iterations") as u64;
        let shares: Vec<Share> = nonces.map(|nonce| Share { header_hash, height, nonce }).collect();
        let mut proofs = vec![MixProof::default(); shares.len()];
        light_hash_many(&context, &shares, &mut proofs);
        let boundary = U256::from_be_bytes(case.array("/boundary"));
        let first = proofs.iter().position(|proof| U256::from_be_bytes(proof.hash) <= boundary).unwrap();
        assert_eq!(shares[first].nonce, case.number("/found_nonce") as u64);
        assert_eq!(proofs[first].mix, case.array("/mix_hash"));
        assert_eq!(proofs[first].hash, case.array("/final_hash"));
    }
}

#[test]
fn the_l1_cache_is_the_published_one() {
    for case in cases("kawpow", "l1-cache") {
        let context = context(case.number("/epoch") as u32);
        let words = context.l1_words();
        let first: Vec<u64> = words[..20].iter().map(|word| u64::from(*word)).collect();
        let published: Vec<u64> =
            case.at("/first_words").as_array().unwrap().iter().map(|word| word.as_u64().unwrap()).collect();
        assert_eq!(first, published);
        assert_eq!(f64::from(*words.last().unwrap()), case.number("/last_word"));
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        assert_eq!(keccak256(&bytes), case.array("/keccak256"));
    }
}

#[test]
fn epochs_have_the_published_seeds_and_sizes() {
    for case in cases("kawpow", "epoch") {
        let epoch = Epoch::new(KAWPOW, case.number("/epoch") as u32).unwrap();
        for height in ["/first_height", "/last_height"] {
            assert_eq!(Epoch::of_block(KAWPOW, case.number(height) as u64), Ok(epoch), "{}", case.id());
        }
        assert_eq!(epoch.seed(), case.array("/seed_hash"), "{}", case.id());
        assert_eq!(f64::from(epoch.light_items()), case.number("/light_cache_items"), "{}", case.id());
        assert_eq!(
            f64::from(epoch.dataset_items()),
            case.number("/full_dataset_items_1024"),
            "{}",
            case.id()
        );
    }
}

#[test]
fn the_permutation_is_the_published_one() {
    for case in cases("kawpow", "keccak-f800") {
        let words = |pointer| {
            let bytes = unhex(case.text(pointer));
            core::array::from_fn::<u32, 25, _>(|index| {
                u32::from_le_bytes(bytes[4 * index..4 * index + 4].try_into().unwrap())
            })
        };
        let mut state = words("/state_in");
        keccak_f800(&mut state);
        assert_eq!(state, words("/state_out"), "{}", case.id());
        for engine in Engine::available() {
            let mut states = [words("/state_in"); 16];
            engine.permute_f800(&mut states);
            assert_eq!(states, [words("/state_out"); 16], "{} {}", engine.name(), case.id());
        }
    }
}
