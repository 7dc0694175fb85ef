use super::*;
use crate::interpreter::Interpreter;
use crate::kiss99::Kiss99;
use crate::program::{INSTRUCTIONS, Instruction, L1_WORDS, Math, Merge, ROUNDS, Source};

fn generator(seed: u32) -> Kiss99 {
    Kiss99 { z: 362_436_069 ^ seed, w: 521_288_629, jsr: 123_456_789, jcong: 380_116_160 }
}

fn sets() -> Vec<InstructionSet> {
    InstructionSet::ALL.into_iter().filter(|set| set.is_available()).collect()
}

fn l1_cache(rng: &mut Kiss99) -> Box<L1Cache> {
    Box::new(L1Cache(core::array::from_fn::<u32, L1_WORDS, _>(|_| rng.draw())))
}

/// Random words with the special ones of multiplications, shifts and bit counts among them.
fn word(rng: &mut Kiss99) -> u32 {
    const SPECIAL: [u32; 12] =
        [0, 1, 2, 31, 32, 33, 63, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0xffff_fffe, 0x00ff_ffff];
    match rng.draw() % 4 {
        0 => SPECIAL[rng.draw() as usize % SPECIAL.len()],
        1 => rng.draw() >> (rng.draw() % 32),
        _ => rng.draw(),
    }
}

fn mix(rng: &mut Kiss99) -> Mix {
    let mut mix = Mix::ZERO;
    mix.0.as_flattened_mut().fill_with(|| word(rng));
    mix
}

fn item(rng: &mut Kiss99) -> Item {
    core::array::from_fn(|_| core::array::from_fn(|_| word(rng)))
}

fn assert_equal_rounds(program: &Program, rounds: usize, seed: u32) {
    let mut rng = generator(seed);
    let l1 = l1_cache(&mut rng);
    for set in sets() {
        let compiled = CompiledProgram::new(program, set).expect("generated code may be run");
        let mut expected = mix(&mut rng);
        let mut actual = expected;
        for round in 0..rounds {
            let item = item(&mut rng);
            Interpreter::SCALAR.round(program, &mut expected, round, &item, &l1);
            compiled.round(&mut actual, round, &item, &l1);
            assert!(actual == expected, "{set:?}, round {round} of {program:?}");
        }
    }
}

#[test]
fn code_equals_the_interpreter_for_hundreds_of_periods() {
    for period in (0..400).chain([999_999, 1_000_000, u32::MAX / 3]) {
        assert_equal_rounds(&Program::for_period(period), ROUNDS, period);
    }
}

fn every_merge() -> Vec<Merge> {
    let mut merges = vec![Merge::MultiplyAdd, Merge::XorMultiply];
    merges.extend((1..32).map(|left| Merge::RotateXor { left }));
    merges
}

#[test]
fn every_operation_goes_with_every_merge() {
    let math = |math| Source::Math { math, first: 3, second: 8 };
    let sources = Math::ALL.into_iter().map(math).chain([Source::Cache { index: 3 }]);
    let pairs = sources.flat_map(|source| every_merge().into_iter().map(move |merge| (source, merge)));
    for (seed, (source, merge)) in (0..).zip(pairs) {
        // In place of the first instruction of a drawn program; no later merge loses what it leaves.
        let mut instructions = *Program::for_period(7).instructions();
        instructions[0] = Instruction { source, merge, target: 5 };
        assert_equal_rounds(&Program::from_instructions(instructions), 2, seed);
    }
}

#[test]
fn every_item_word_goes_with_every_merge() {
    for merge in every_merge() {
        let mut instructions = *Program::for_period(8).instructions();
        for instruction in &mut instructions[INSTRUCTIONS - ITEM_WORDS_PER_LANE..] {
            instruction.merge = merge;
        }
        assert_equal_rounds(&Program::from_instructions(instructions), 16, 3);
    }
}

/// A drawn program spreads its registers; one that does not is harder on the copies in vectors.
#[test]
fn programs_that_use_a_register_for_everything_are_right_too() {
    for register in [0, 15, 31] {
        let mut instructions = *Program::for_period(9).instructions();
        for (index, instruction) in instructions.iter_mut().enumerate() {
            instruction.target = register;
            match &mut instruction.source {
                Source::Cache { index } => *index = register,
                Source::Math { first, .. } if index % 2 == 0 => *first = register,
                Source::Math { second, .. } => *second = register,
                Source::Item { .. } => {}
            }
        }
        assert_equal_rounds(&Program::from_instructions(instructions), 16, 2);
    }
}
