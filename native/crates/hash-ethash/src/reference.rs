//! The hash as the Ethash specification writes it, one access after the other and with plain division: what
//! every other form must equal.

use otedama_dag::items::fnv1;
use otedama_dag::{LightCache, reference};
use otedama_hash_api::MixProof;
use otedama_keccak::keccak512;
use otedama_primitives::Hash;

use crate::hash::{ACCESSES, final_hash};

/// Mix hash and final hash of one nonce.
pub fn light_hash(cache: &LightCache, header_hash: &Hash, nonce: u64) -> MixProof {
    let mut message = header_hash.to_vec();
    message.extend_from_slice(&nonce.to_le_bytes());
    let seed = reference::from_bytes(&keccak512(&message));

    let (items, parents) = (cache.items(), cache.epoch().rules().parents);
    let mut mix = [seed; 2];
    for access in 0..ACCESSES {
        let word = mix.as_flattened()[access as usize % 32];
        let page = fnv1(access ^ seed[0], word) % cache.epoch().dataset_items();
        for (half, mix) in (0..).zip(&mut mix) {
            let item = reference::dataset_item_512(items, parents, 2 * page + half);
            for (word, other) in mix.iter_mut().zip(item) {
                *word = fnv1(*word, other);
            }
        }
    }

    let mut mix_hash = [0; 32];
    for (bytes, words) in mix_hash.as_chunks_mut().0.iter_mut().zip(mix.as_flattened().as_chunks::<4>().0) {
        let [first, rest @ ..] = words;
        *bytes = rest.iter().fold(*first, |hash, word| fnv1(hash, *word)).to_le_bytes();
    }
    MixProof { mix: mix_hash, hash: final_hash(header_hash, nonce, &mix_hash) }
}
