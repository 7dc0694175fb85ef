//! Inner values of the algorithm, and every implementation of a part against the portable one.

use otedama_hash_api::{HashError, Progress};
use otedama_test_vectors::{cases, unhex};

use super::shared::{Random, cache_of};
use crate::aes::Aes;
use crate::argon::{Block, Compressor};
use crate::blake::{BlakeGenerator, hash_256};
use crate::parameters::{ARGON_BLOCKS, CACHE_BYTES, DATASET_ITEMS, MAX_PROGRAM_SIZE};
use crate::program::{Instruction, JumpTargets, Operation, Program, reciprocal};
use crate::superscalar::SuperscalarProgram;
use crate::{Cache, Key};

#[test]
fn generates_the_published_superscalar_programs() {
    for case in cases("randomx", "superscalar") {
        let mut generator = BlakeGenerator::new(&case.bytes("/key"));
        for (number, expected) in case.hashes("/blake2b_256_of_programs").into_iter().enumerate() {
            let program = SuperscalarProgram::generate(&mut generator);
            let mut bytes = Vec::new();
            for i in program.instructions() {
                bytes.extend([i.operation as u8, i.dst, i.src, i.modifiers]);
                bytes.extend(i.imm32.to_le_bytes());
            }
            assert_eq!(hash_256(&[&bytes]), expected, "program {number} of {}", case.id());
        }
    }
}

#[test]
fn computes_the_published_reciprocals() {
    for case in cases("randomx", "reciprocal") {
        let values = case.at("/values").as_object().expect("a table");
        for (divisor, expected) in values {
            let expected: u64 = expected.as_str().and_then(|text| text.parse().ok()).expect("a number");
            assert_eq!(reciprocal(divisor.parse().expect("a number")), expected, "of {divisor}");
        }
    }
}

#[test]
fn fills_the_published_cache_and_items() {
    for case in cases("randomx", "cache") {
        let cache = cache_of(&case.bytes("/key"));
        let words = cache.lines().as_flattened();
        let table = |name: &str| {
            let table = case.at(name).as_object().expect("a table").clone();
            table.into_iter().map(|(index, value)| {
                let value = u64::from_str_radix(value.as_str().expect("hex"), 16).expect("a word");
                (index.parse::<u64>().expect("an index"), value)
            })
        };
        for (index, expected) in table("/cache_words") {
            assert_eq!(words[index as usize], expected, "word {index}");
        }
        for (number, expected) in table("/dataset_first_word_of_item") {
            assert_eq!(cache.items_of([number])[0][0], expected, "item {number}");
        }
    }
}

#[test]
fn items_in_a_row_are_the_items_one_by_one() {
    let cache = cache_of(b"test key 000");
    let mut random = Random(1);
    // Lengths around the group sizes of the implementations, and the last items there are.
    for length in [1, 2, 7, 8, 9, 31, 32, 33, 100] {
        let first = if length == 100 { DATASET_ITEMS - 100 } else { random.word() % (DATASET_ITEMS - 100) };
        let mut items = vec![[0; 8]; length];
        cache.items(first, &mut items);
        for (number, item) in (first..).zip(items) {
            assert_eq!(cache.items_of([number]), [item], "item {number}");
        }
    }
}

#[test]
fn every_compressor_equals_the_portable_one() {
    let compressors = Compressor::available();
    let mut random = Random(2);
    // So few blocks that all meet each other: in the second pass a block is also put together with itself.
    let blocks: Vec<Block> = (0..16).map(|_| core::array::from_fn(|_| random.word())).collect();
    let filled = |compressor: &Compressor| {
        let mut blocks = blocks.clone();
        for pass in 0..3 {
            for quarter in 0..4 {
                let first = if pass == 0 && quarter == 0 { 2 } else { 4 * quarter };
                compressor.fill(&mut blocks, pass, first..4 * quarter + 4);
            }
        }
        blocks
    };
    let expected = filled(compressors.last().expect("the portable one"));
    assert!(blocks.iter().skip(2).zip(&expected[2..]).all(|(old, new)| old != new));
    for compressor in &compressors {
        assert!(filled(compressor) == expected, "{compressor:?}");
    }
}

#[test]
fn a_cancelled_cache_is_an_error() {
    let progress = Progress::default();
    progress.cancel();
    let cache = Cache::build(Key::from([1; 32]), None, &progress);
    assert_eq!(cache.map(|cache| *cache.key()), Err(HashError::Cancelled));
    let (done, total) = progress.get();
    assert!(done < ARGON_BLOCKS as u64 && total > 2 * ARGON_BLOCKS as u64);
}

#[test]
fn keys_have_sixty_bytes_at_most() {
    assert!(Key::new(&[0; 61]).is_none());
    assert_eq!(Key::new(&[7; 60]).as_ref().map(Key::as_bytes), Some(&[7; 60][..]));
    assert_eq!(Key::new(&[7; 32]), Some(Key::from([7; 32])));
    assert_ne!(Key::new(&[0; 31]), Key::new(&[0; 32]));
}

#[test]
fn generates_the_published_bytes() {
    // The reference library's test of AesGenerator1R.
    let start = "6c19536eb2de31b6c0065f7f116e86f960d8af0c57210a6584c3237b9d064dc7";
    let expected = "fa89397dd6ca422513aeadba3f124b5540324c4ad4b6db434394307a17c833ab";
    for aes in Aes::available() {
        let mut state = [0; 64];
        state[..32].copy_from_slice(&unhex(start));
        let mut line = [0; 64];
        aes.fill(&mut state, &mut line);
        assert_eq!(line[..32], unhex(expected), "{aes:?}");
        assert_eq!(state, line);
    }
}

#[test]
fn every_aes_equals_the_portable_one() {
    let all = Aes::available();
    let portable = all.last().expect("the portable one");
    let mut random = Random(3);
    for lines in [1, 2, 129] {
        let state: [u8; 64] = random.array();
        let old = random.bytes(64 * lines);
        let run = |aes: &Aes| {
            let (mut filled, mut fill_state) = (old.clone(), state);
            aes.fill(&mut fill_state, &mut filled);
            let (mut both, mut both_state) = (old.clone(), state);
            let fingerprint = aes.hash_and_fill(&mut both, &mut both_state);
            assert_eq!((&both, both_state), (&filled, fill_state), "one pass fills as two do: {aes:?}");
            assert_eq!(fingerprint, aes.hash(&old), "and hashes: {aes:?}");
            let mut program = old.clone();
            aes.fill_program(&state, &mut program);
            let mut f = [[1, 2], [3, 4], [5, 6], [7, state[0].into()]];
            aes.mix(&mut f, &[[8, 9], [10, 11], [12, 13], [14, state[1].into()]]);
            (filled, fill_state, fingerprint, program, f)
        };
        let expected = run(portable);
        for aes in &all {
            assert_eq!(run(aes), expected, "{aes:?}");
        }
    }
}

/// The specification tells where its keys come from.
#[test]
fn aes_keys_are_the_hashes_of_their_names() {
    use crate::aes::{FILL_KEYS, HASH_EXTRA_KEYS, HASH_STATE, PROGRAM_KEYS};
    use crate::blake::hash_512;
    assert_eq!(FILL_KEYS.as_flattened(), hash_512(b"RandomX AesGenerator1R keys"));
    assert_eq!(PROGRAM_KEYS[..4].as_flattened(), hash_512(b"RandomX AesGenerator4R keys 0-3"));
    assert_eq!(PROGRAM_KEYS[4..].as_flattened(), hash_512(b"RandomX AesGenerator4R keys 4-7"));
    assert_eq!(HASH_STATE.as_flattened(), hash_512(b"RandomX AesHash1R state"));
    assert_eq!(HASH_EXTRA_KEYS.as_flattened(), hash_256(&[b"RandomX AesHash1R xkeys"]));
}

fn instruction(operation: Operation, dst: u8, src: u8, imm32: u32) -> Instruction {
    let opcode = (0..=255).find(|&opcode| {
        Instruction { opcode, dst: 0, src: 0, modifiers: 0, imm32: 0 }.operation() == operation
    });
    Instruction { opcode: opcode.expect("each has opcodes"), dst, src, modifiers: 0, imm32 }
}

#[test]
fn branches_go_behind_the_last_change_of_their_register() {
    use Operation as O;
    let mut targets = JumpTargets::default();
    let program = [
        instruction(O::ISwapR, 1, 2, 0),   // changes both
        instruction(O::ISwapR, 3, 3, 0),   // changes nothing
        instruction(O::IMulRcp, 4, 0, 64), // nor does this,
        instruction(O::IMulRcp, 5, 0, 65), // but this does
        instruction(O::IStore, 6, 7, 0),
        instruction(O::FAddR, 6, 7, 0),
    ];
    for (index, instruction) in program.into_iter().enumerate() {
        targets.record(index, instruction);
    }
    let all: Vec<usize> = (0..8).map(|register| targets.of(register)).collect();
    assert_eq!(all, [0, 1, 1, 0, 0, 4, 0, 0]);
    targets.record(6, instruction(O::CBranch, 0, 0, 0));
    assert!((0..8).all(|register| targets.of(register) == 7));
}

#[test]
fn branch_constants_set_one_bit_and_clear_the_one_below() {
    let mut branch = instruction(Operation::CBranch, 0, 0, 3_234_567_890);
    branch.modifiers = 48;
    // The reference library's values.
    assert_eq!((branch.branch_addend(), branch.branch_mask()), (0xffff_ffff_c0cb_9ad2, 0x7_f800));
}

#[test]
fn configuration_keeps_every_address_inside_the_dataset() {
    let mut random = Random(4);
    let mut program = Program::new();
    for round in 0..1000 {
        let length = program.bytes_mut(MAX_PROGRAM_SIZE).len();
        let bytes = if round == 0 { vec![0xff; length] } else { random.bytes(length) };
        program.bytes_mut(MAX_PROGRAM_SIZE).copy_from_slice(&bytes);
        let configuration = program.configuration();
        let last = configuration.dataset_offset + u64::from(crate::parameters::DATASET_MASK);
        assert!(last / 64 < DATASET_ITEMS && last.is_multiple_of(64));
        assert!(configuration.read_registers.iter().enumerate().all(|(i, read)| read / 2 == i));
        for value in configuration.group_a.iter().flatten().map(|bits| f64::from_bits(*bits)) {
            assert!((1.0..4_294_967_296.0).contains(&value));
        }
    }
}

#[test]
fn the_cache_has_the_size_of_its_lines() {
    assert_eq!(cache_of(b"test key 000").lines().len() * 64, CACHE_BYTES);
}
