//! A short, always equal stand-in for the fuzzer: each target on its seeds and on mutations of them.

use otedama_fuzz_targets::TARGETS;

/// A few seconds' worth. Miri is some hundred times slower.
const MUTATIONS: usize = if cfg!(miri) { 15 } else { 1500 };

/// splitmix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}

fn mutate(random: &mut Random, bytes: &mut Vec<u8>, other: &[u8]) {
    const EDGES: [u8; 6] = [0, 1, 0x7f, 0x80, 0xfe, 0xff];
    let at = random.below(bytes.len());
    match random.below(7) {
        0 => bytes.truncate(at),
        1 => bytes.insert(at, random.next() as u8),
        2 => bytes.extend_from_slice(&other[random.below(other.len())..]),
        3 if !bytes.is_empty() => bytes[at] ^= 1 << random.below(8),
        4 if !bytes.is_empty() => bytes[at] = EDGES[random.below(EDGES.len())],
        5 if !bytes.is_empty() => {
            bytes.remove(at);
        }
        _ => {
            for byte in bytes.iter_mut().skip(at).take(8) {
                *byte = random.next() as u8;
            }
        }
    }
}

fn check(name: &str) {
    let target = TARGETS.iter().find(|target| target.name == name).expect("a target of this name");
    let seeds = (target.seeds)();
    seeds.iter().take(MUTATIONS).for_each(|seed| (target.run)(seed));
    let mut random = Random(1);
    for _ in 0..MUTATIONS {
        let mut bytes = seeds[random.below(seeds.len())].clone();
        for _ in 0..1 + random.below(4) {
            let other = &seeds[random.below(seeds.len())];
            mutate(&mut random, &mut bytes, other);
        }
        (target.run)(&bytes);
    }
}

macro_rules! checks {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            check(stringify!($name));
        })*

        #[test]
        fn every_target_has_a_test() {
            assert!(TARGETS.iter().map(|target| target.name).eq([$(stringify!($name)),*]));
        }
    };
}
checks!(numbers search share_batch template jobs work dataset_file number_list);
