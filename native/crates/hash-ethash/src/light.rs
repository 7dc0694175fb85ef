//! Verification: the items a hash reads are computed from the light cache, those of many shares side by side.

use otedama_dag::items::fnv1;
use otedama_dag::{Engine, Item512, LightCache};
use otedama_hash_api::MixProof;
use otedama_primitives::Hash;

use crate::hash::{ACCESSES, Mix, begin, compress, final_message, item_number, seed_message, to_bytes};

/// Shares hashed side by side: each needs two items of 64 bytes at a time, together as many as the engine
/// computes at once.
const SHARES_AT_ONCE: usize = 48;

/// Mix hash and final hash of one nonce.
pub fn light_hash(cache: &LightCache, header_hash: &Hash, nonce: u64) -> MixProof {
    let mut proof = [MixProof::default()];
    light_hash_many(cache, &Engine::fastest(), &[(*header_hash, nonce)], &mut proof);
    proof[0]
}

/// Proof i of share i, a header hash and a nonce. A full batch takes a small part of the time that its shares
/// take one by one.
pub fn light_hash_many(cache: &LightCache, engine: &Engine, shares: &[(Hash, u64)], proofs: &mut [MixProof]) {
    assert_eq!(shares.len(), proofs.len(), "one proof for each share");
    for (shares, proofs) in shares.chunks(SHARES_AT_ONCE).zip(proofs.chunks_mut(SHARES_AT_ONCE)) {
        hash_group(cache, engine, shares, proofs);
    }
}

fn hash_group(cache: &LightCache, engine: &Engine, shares: &[(Hash, u64)], proofs: &mut [MixProof]) {
    let count = shares.len();
    let mut messages = [[0; 5]; SHARES_AT_ONCE];
    for (message, (header_hash, nonce)) in messages.iter_mut().zip(shares) {
        *message = seed_message(header_hash, *nonce);
    }
    let mut seeds = [[0; 8]; SHARES_AT_ONCE];
    let mut mixes: [Mix; SHARES_AT_ONCE] = [[[0; 16]; 2]; SHARES_AT_ONCE];
    let (seeds, mixes) = (&mut seeds[..count], &mut mixes[..count]);
    begin(engine.keccak(), &messages[..count], seeds, mixes);

    let mut indexes = [[0u32; 2]; SHARES_AT_ONCE];
    let mut items: [[Item512; 2]; SHARES_AT_ONCE] = [[[0; 16]; 2]; SHARES_AT_ONCE];
    let (indexes, items) = (&mut indexes[..count], &mut items[..count]);
    for access in 0..ACCESSES {
        for ((index, mix), seed) in indexes.iter_mut().zip(&*mixes).zip(&*seeds) {
            let item = cache.dataset_items().of(item_number(seed[0] as u32, access, mix));
            *index = [2 * item, 2 * item + 1];
        }
        cache.dataset_items_512(engine, indexes.as_flattened(), items.as_flattened_mut());
        let words = items.as_flattened().as_flattened();
        for (word, other) in mixes.as_flattened_mut().as_flattened_mut().iter_mut().zip(words) {
            *word = fnv1(*word, *other);
        }
    }

    let mut messages = [[0; 12]; SHARES_AT_ONCE];
    let mut finals = [[0; 4]; SHARES_AT_ONCE];
    for (((message, proof), mix), seed) in messages.iter_mut().zip(&mut *proofs).zip(&*mixes).zip(&*seeds) {
        let mix_hash = compress(mix);
        proof.mix = to_bytes(&mix_hash);
        *message = final_message(seed, &mix_hash);
    }
    engine.keccak().hash_words(&messages[..count], &mut finals[..count]);
    for (proof, hash) in proofs.iter_mut().zip(&finals) {
        proof.hash = to_bytes(hash);
    }
}
