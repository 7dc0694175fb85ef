//! Light cache and dataset items as the Ethash specification writes them, one after the other and with plain
//! division: what every engine must equal.

use otedama_keccak::keccak512;

use crate::epoch::Epoch;
use crate::items::{Item512, fnv1};

fn hash(item: &Item512) -> Item512 {
    from_bytes(&keccak512(&to_bytes(item)))
}

pub fn to_bytes(item: &Item512) -> [u8; 64] {
    let mut bytes = [0; 64];
    for (chunk, word) in bytes.as_chunks_mut().0.iter_mut().zip(item) {
        *chunk = word.to_le_bytes();
    }
    bytes
}

pub fn from_bytes(bytes: &[u8; 64]) -> Item512 {
    core::array::from_fn(|i| u32::from_le_bytes(bytes.as_chunks().0[i]))
}

pub fn light_cache(epoch: Epoch) -> Vec<Item512> {
    let count = epoch.light_items() as usize;
    let mut items = vec![from_bytes(&keccak512(&epoch.seed()))];
    for index in 1..count {
        items.push(hash(&items[index - 1]));
    }
    for _ in 0..3 {
        for index in 0..count {
            let chosen = items[items[index][0] as usize % count];
            let previous = items[(index + count - 1) % count];
            items[index] = hash(&core::array::from_fn(|word| chosen[word] ^ previous[word]));
        }
    }
    items
}

/// Item `index` of the dataset, counted in 64 bytes.
pub fn dataset_item_512(cache: &[Item512], parents: u32, index: u32) -> Item512 {
    let mut mix = cache[index as usize % cache.len()];
    mix[0] ^= index;
    mix = hash(&mix);
    for step in 0..parents {
        let parent = cache[fnv1(index ^ step, mix[step as usize % 16]) as usize % cache.len()];
        for (word, other) in mix.iter_mut().zip(parent) {
            *word = fnv1(*word, other);
        }
    }
    hash(&mix)
}
