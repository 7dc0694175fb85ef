//! Programs on generated code and on the interpreter.

use otedama_hash_api::Interrupt;

use super::ProgramCode;
use super::features::Features;
use crate::Variant;
use crate::aes::Aes;
use crate::engine::Lane;
use crate::interpreter::Interpreter;
use crate::machine::{Registers, Rounding};
use crate::memory::Memory;
use crate::parameters::SCRATCHPAD_BYTES;
use crate::program::{Instruction, Operation, Program};
use crate::tests::shared::{Random, cache_of};

/// What running a program leaves behind.
#[derive(Debug, PartialEq)]
struct Outcome {
    registers: Registers,
    rounding: Rounding,
    scratchpad: Vec<u8>,
}

/// A program, and what it starts with.
struct Start {
    program: Program,
    rounding: Rounding,
    scratchpad: Vec<u8>,
}

impl Start {
    /// With every second instruction one of `operations`, if there are any.
    fn new(random: &mut Random, size: usize, operations: &[Operation]) -> Self {
        let opcodes: Vec<u8> = (0..=u8::MAX)
            .filter(|opcode| {
                let instruction = Instruction::from_bytes(&[*opcode, 0, 0, 0, 0, 0, 0, 0]);
                operations.contains(&instruction.operation())
            })
            .collect();
        let mut program = Program::new();
        let bytes = program.bytes_mut(size);
        bytes.copy_from_slice(&random.bytes(bytes.len()));
        if !opcodes.is_empty() {
            for word in bytes[128..].as_chunks_mut::<8>().0.iter_mut().step_by(2) {
                word[0] = opcodes[random.word() as usize % opcodes.len()];
            }
        }
        let mut scratchpad = vec![0; SCRATCHPAD_BYTES];
        Aes::fastest().fill(&mut random.array(), &mut scratchpad);
        Self { program, rounding: Rounding::from_bits(random.word()), scratchpad }
    }

    fn run(&self, run: impl FnOnce(Lane<'_>) -> bool) -> Outcome {
        let mut outcome = Outcome {
            registers: Registers::default(),
            rounding: self.rounding,
            scratchpad: self.scratchpad.clone(),
        };
        let is_whole = run(Lane {
            program: &self.program,
            registers: &mut outcome.registers,
            rounding: &mut outcome.rounding,
            scratchpad: &mut outcome.scratchpad,
        });
        assert!(is_whole, "nothing interrupts");
        outcome
    }
}

fn interpreted(start: &Start, variant: Variant, memory: Memory<'_>) -> Outcome {
    start.run(|lane| Interpreter::new(variant, Aes::fastest()).run(lane, memory, &Interrupt::never()))
}

/// This processor as it is, and without each of its extensions and habits, and with those it may not have.
fn processors() -> Vec<Features> {
    let all = Features::detect().expect("a processor with AES");
    vec![
        all,
        Features { bmi2: false, avx: false, avx2: false, avx512: false, ..all },
        Features { avx512: false, jcc_erratum: true, ..all },
        Features { slow_mxcsr: !all.slow_mxcsr, ..all },
    ]
}

#[test]
fn programs_end_as_the_interpreter_ends_them() {
    use Operation as O;
    let mixes: [&[O]; 6] = [
        &[],
        &[O::CBranch, O::ISwapR, O::IMulRcp],
        &[O::CFRound, O::FDivM, O::FSqrtR, O::FScalR],
        &[O::FAddR, O::FSubR, O::FMulR, O::FAddM, O::FSubM, O::FSwapR],
        &[O::IStore, O::IAddM, O::ISubM, O::IXorM, O::IMulM],
        &[O::IMulHR, O::ISMulHR, O::IMulHM, O::ISMulHM, O::IRorR, O::IRolR],
    ];
    let cache = cache_of(b"test key 000");
    let memory = Memory::Cache(&cache);
    let mut random = Random(11);
    for variant in Variant::ALL {
        let mut codes: Vec<ProgramCode> = processors()
            .into_iter()
            .map(|features| ProgramCode::with_features(variant, features).expect("memory for code"))
            .collect();
        for mix in mixes {
            let start = Start::new(&mut random, variant.program_size(), mix);
            let expected = interpreted(&start, variant, memory);
            for code in &mut codes {
                let outcome = start.run(|lane| code.run(lane, memory, &Interrupt::never()));
                // Compared first on their own: the scratchpad is too long to print.
                assert_eq!(outcome.registers, expected.registers, "{variant:?} {mix:?} {code:?}");
                assert!(outcome == expected, "{variant:?} {mix:?} {code:?}");
            }
        }
    }
}

#[test]
fn every_rounding_mode_lives_on_after_a_program() {
    let cache = cache_of(b"test key 000");
    let memory = Memory::Cache(&cache);
    let mut random = Random(12);
    let mut code = ProgramCode::new(Variant::V1).expect("memory for code");
    for rounding in (0..4).map(Rounding::from_bits) {
        let mut start = Start::new(&mut random, Variant::V1.program_size(), &[]);
        start.rounding = rounding;
        let outcome = start.run(|lane| code.run(lane, memory, &Interrupt::never()));
        assert!(outcome == interpreted(&start, Variant::V1, memory), "{rounding:?}");
    }
}

#[test]
fn code_leaves_the_callers_rounding_mode_alone() {
    let cache = cache_of(b"test key 000");
    let mut random = Random(13);
    let mut code = ProgramCode::new(Variant::V1).expect("memory for code");
    let start = Start::new(&mut random, Variant::V1.program_size(), &[Operation::CFRound]);
    start.run(|lane| code.run(lane, Memory::Cache(&cache), &Interrupt::never()));
    let third = core::hint::black_box(1.0f64) / core::hint::black_box(3.0);
    assert_eq!((third, -third), (0.333_333_333_333_333_3, -0.333_333_333_333_333_3));
}
