use super::*;
use crate::parameters::DATASET_ITEMS;

/// Filled with something that is quick to make and has no pattern in its lines' order.
fn cache() -> Vec<Line> {
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let mut next = || {
        state = state.wrapping_mul(0xd134_2543_de82_ef95).wrapping_add(1);
        state ^ state >> 29
    };
    (0..CACHE_LINES).map(|_| core::array::from_fn(|_| next())).collect()
}

/// Straight from the specification.
fn reference(programs: &Programs, cache: &[Line], number: u64) -> Line {
    let first = number.wrapping_add(1).wrapping_mul(ITEM_MULTIPLIER);
    let mut r = [[first]; 8];
    for (register, constant) in r[1..].iter_mut().zip(ITEM_CONSTANTS) {
        register[0] ^= constant;
    }
    let mut address = number;
    for program in programs {
        program.run(&mut r);
        for (register, word) in r.iter_mut().zip(cache[(address % CACHE_LINES) as usize]) {
            register[0] ^= word;
        }
        [address] = r[program.address_register()];
    }
    r.map(|[register]| register)
}

#[test]
fn every_kernel_computes_the_items_of_the_specification() {
    let cache = cache();
    let features = Features::detect().expect("a processor with AES");
    for key in [&b"test key 000"[..], b"test key 001", b"RandomX", b""] {
        let programs = SuperscalarProgram::of_key(key);
        for kernel in ItemKernel::available(&features) {
            let code = Routine::compile(kernel, &features, &programs).expect("memory for code");
            for (first, count) in [(0, 1), (7, 70), (CACHE_LINES - 3, 33), (DATASET_ITEMS - 5, 5)] {
                let mut items = vec![[0; 8]; count];
                code.items(&cache, first, &mut items);
                for (item, number) in items.iter().zip(first..) {
                    assert_eq!(*item, reference(&programs, &cache, number), "{} {number}", kernel.name);
                }
            }
        }
    }
}
