//! Finds a superscalar program by simulating the reference CPU (specification chapters 6.2 and 6.3): decode
//! groups of 16 bytes, choose instructions that fit their slots, place their macro-ops on the first free ports
//! and pick operands that are ready then. Every random draw and every stall is part of the definition, so the
//! order of steps here is not free.

use crate::blake::BlakeGenerator;
use crate::parameters::{DISPLACED_REGISTER, SUPERSCALAR_LATENCY, SUPERSCALAR_MAX_SIZE};
use crate::program::is_zero_or_power_of_two;
use crate::superscalar::{SuperscalarInstruction, SuperscalarOperation as Op};

/// Execution ports as bits.
const P0: u8 = 1;
const P1: u8 = 2;
const P5: u8 = 4;
const P01: u8 = P0 | P1;
const P05: u8 = P0 | P5;
const P015: u8 = P0 | P1 | P5;

/// Cycles of which the ports are kept: an instruction may finish a little behind the target latency.
const PORT_CYCLES: usize = SUPERSCALAR_LATENCY + 4;
/// Cycles to wait for an operand before the instruction is thrown away.
const OPERAND_WAIT: usize = 4;
/// Instructions thrown away in a row before the decode group is given up.
const MAX_DISCARDED: usize = 256;

/// What the decoder makes of (part of) an instruction.
struct MacroOp {
    latency: usize,
    /// Ports that each micro-op may take; none for a register move.
    micro_ops: &'static [u8],
    /// Starts only when the macro-op before it has its result.
    dependent: bool,
}

const fn macro_op(latency: usize, micro_ops: &'static [u8]) -> MacroOp {
    MacroOp { latency, micro_ops, dependent: false }
}

/// Macro-ops of an operation and which of them need the source, need the destination and give the result.
struct Recipe {
    macro_ops: &'static [MacroOp],
    source_at: Option<usize>,
    destination_at: usize,
    result_at: usize,
}

const fn simple(macro_ops: &'static [MacroOp], has_source: bool) -> Recipe {
    let source_at = if has_source { Some(0) } else { None };
    Recipe { macro_ops, source_at, destination_at: 0, result_at: 0 }
}

static ANY_PORT_R: Recipe = simple(&[macro_op(1, &[P015])], true);
static ANY_PORT_C: Recipe = simple(&[macro_op(1, &[P015])], false);
static ADD_RS: Recipe = simple(&[macro_op(1, &[P01])], true);
static MUL_R: Recipe = simple(&[macro_op(3, &[P1])], true);
static ROR_C: Recipe = simple(&[macro_op(1, &[P05])], false);
static MUL_HIGH: Recipe = Recipe {
    macro_ops: &[macro_op(0, &[]), macro_op(4, &[P1, P5]), macro_op(0, &[])],
    source_at: Some(1),
    destination_at: 0,
    result_at: 1,
};
static MUL_RCP: Recipe = Recipe {
    macro_ops: &[macro_op(1, &[P015]), MacroOp { latency: 3, micro_ops: &[P1], dependent: true }],
    source_at: None,
    destination_at: 1,
    result_at: 1,
};

fn recipe(operation: Op) -> &'static Recipe {
    match operation {
        Op::SubR | Op::XorR => &ANY_PORT_R,
        Op::AddRs => &ADD_RS,
        Op::MulR => &MUL_R,
        Op::RorC => &ROR_C,
        Op::AddC7 | Op::AddC8 | Op::AddC9 | Op::XorC7 | Op::XorC8 | Op::XorC9 => &ANY_PORT_C,
        Op::MulHR | Op::SMulHR => &MUL_HIGH,
        Op::MulRcp => &MUL_RCP,
    }
}

/// Operations that undo or merge with each other count as one when applied to a register twice.
fn group_of(operation: Op) -> Op {
    match operation {
        Op::SubR => Op::AddRs,
        Op::AddC8 | Op::AddC9 => Op::AddC7,
        Op::XorC8 | Op::XorC9 => Op::XorC7,
        other => other,
    }
}

/// Slots of a decode group by their size in bytes.
type DecodeGroup = &'static [u8];
const GROUP_484: DecodeGroup = &[4, 8, 4];
const GROUP_7333: DecodeGroup = &[7, 3, 3, 3];
const GROUP_3733: DecodeGroup = &[3, 7, 3, 3];
const GROUP_493: DecodeGroup = &[4, 9, 3];
const GROUP_4444: DecodeGroup = &[4, 4, 4, 4];
const GROUP_33A: DecodeGroup = &[3, 3, 10];

/// The second operand of "the same operation again": a register's number, a random one, or this.
const CONSTANT: u32 = u32::MAX;

/// What is known of a register: when its value is there, and what was done to it last.
#[derive(Clone, Copy, Default)]
struct Register {
    ready: usize,
    last: Option<(Op, u32)>,
}

/// An instruction whose macro-ops are being issued.
struct Pending {
    instruction: SuperscalarInstruction,
    recipe: &'static Recipe,
    /// Told apart from the last operation on a register by this.
    operand: u32,
    source: Option<usize>,
    issued: usize,
}

enum Issue {
    Issued,
    /// The instruction was thrown away; the slot is still free.
    Discarded,
    /// Nothing more fits into this group.
    Stopped,
}

struct Simulation<'a> {
    random: &'a mut BlakeGenerator,
    program: Vec<SuperscalarInstruction>,
    registers: [Register; 8],
    busy_ports: [u8; PORT_CYCLES],
    current: Option<Pending>,
    cycle: usize,
    /// When the macro-op issued last has its result.
    result_cycle: usize,
    multiplications: usize,
    discarded: usize,
    saturated: bool,
}

pub fn generate(random: &mut BlakeGenerator) -> Vec<SuperscalarInstruction> {
    let mut simulation = Simulation {
        random,
        program: Vec::with_capacity(SUPERSCALAR_MAX_SIZE),
        registers: [Register::default(); 8],
        busy_ports: [0; PORT_CYCLES],
        current: None,
        cycle: 0,
        result_cycle: 0,
        multiplications: 0,
        discarded: 0,
        saturated: false,
    };
    for decode_cycle in 0..SUPERSCALAR_LATENCY {
        if simulation.is_finished() {
            break;
        }
        let group = simulation.next_group(decode_cycle);
        simulation.fill(group);
        simulation.cycle += 1;
    }
    simulation.program
}

impl Simulation<'_> {
    fn is_finished(&self) -> bool {
        self.saturated || self.program.len() >= SUPERSCALAR_MAX_SIZE
    }

    fn next_group(&mut self, decode_cycle: usize) -> DecodeGroup {
        let last = self.current.as_ref().map(|pending| pending.instruction.operation);
        match last {
            // The wide multiplication decodes to two micro-ops: only three slots fit beside it.
            Some(Op::MulHR | Op::SMulHR) => GROUP_33A,
            // Keeps the multiplier busy.
            _ if self.multiplications <= decode_cycle => GROUP_4444,
            // The second half of this instruction needs a slot of four.
            Some(Op::MulRcp) => [GROUP_493, GROUP_484][usize::from(self.random.byte() & 1)],
            _ => [GROUP_484, GROUP_7333, GROUP_3733, GROUP_493][usize::from(self.random.byte() & 3)],
        }
    }

    fn fill(&mut self, group: DecodeGroup) {
        let mut slot = 0;
        while slot < group.len() {
            let cycle = self.cycle;
            if self.current.as_ref().is_none_or(Pending::is_issued) {
                if self.is_finished() {
                    return;
                }
                let pending = self.select(group, slot);
                self.current = Some(pending);
            }
            match self.issue() {
                Issue::Issued => {
                    slot += 1;
                    // Waiting for operands moves the clock for that macro-op only.
                    self.cycle = cycle;
                }
                Issue::Discarded => {}
                Issue::Stopped => return,
            }
        }
    }

    /// Draws an instruction whose first macro-op fits the slot.
    fn select(&mut self, group: DecodeGroup, slot: usize) -> Pending {
        let is_last = slot + 1 == group.len();
        let operation = match group[slot] {
            3 if is_last => self.pick([Op::SubR, Op::XorR, Op::MulHR, Op::SMulHR]),
            3 => self.pick([Op::SubR, Op::XorR]),
            4 if group == GROUP_4444 && !is_last => Op::MulR,
            4 => self.pick([Op::RorC, Op::AddRs]),
            7 => self.pick([Op::XorC7, Op::AddC7]),
            8 => self.pick([Op::XorC8, Op::AddC8]),
            9 => self.pick([Op::XorC9, Op::AddC9]),
            _ => Op::MulRcp,
        };
        let (mut modifiers, mut imm32, mut operand) = (0, 0, CONSTANT);
        match operation {
            Op::AddRs => modifiers = self.random.byte(),
            Op::RorC => imm32 = self.draw_until(|random| u32::from(random.byte() % 64), |count| count != 0),
            Op::AddC7 | Op::AddC8 | Op::AddC9 | Op::XorC7 | Op::XorC8 | Op::XorC9 => {
                imm32 = self.random.word();
            }
            Op::MulHR | Op::SMulHR => operand = self.random.word(),
            Op::MulRcp => {
                imm32 = self.draw_until(BlakeGenerator::word, |divisor| !is_zero_or_power_of_two(divisor));
            }
            Op::SubR | Op::XorR | Op::MulR => {}
        }
        Pending {
            instruction: SuperscalarInstruction { operation, dst: 0, src: 0, modifiers, imm32 },
            recipe: recipe(operation),
            operand,
            source: None,
            issued: 0,
        }
    }

    fn pick<const N: usize>(&mut self, choices: [Op; N]) -> Op {
        choices[usize::from(self.random.byte()) % N]
    }

    fn draw_until(&mut self, draw: fn(&mut BlakeGenerator) -> u32, accept: fn(u32) -> bool) -> u32 {
        loop {
            let value = draw(self.random);
            if accept(value) {
                return value;
            }
        }
    }

    /// Issues the next macro-op of the current instruction.
    fn issue(&mut self) -> Issue {
        let Some(mut pending) = self.current.take() else { return Issue::Stopped };
        let result = self.issue_macro_op(&mut pending);
        if !matches!(result, Issue::Discarded) || self.discarded <= MAX_DISCARDED {
            self.current = Some(pending);
            return result;
        }
        self.discarded = MAX_DISCARDED;
        Issue::Stopped
    }

    fn issue_macro_op(&mut self, pending: &mut Pending) -> Issue {
        let recipe = pending.recipe;
        let step = pending.issued;
        let macro_op = &recipe.macro_ops[step];
        let from = if macro_op.dependent { self.cycle.max(self.result_cycle) } else { self.cycle };
        let Some(mut at) = self.earliest(macro_op, from) else {
            self.saturated = true;
            return Issue::Stopped;
        };
        if recipe.source_at == Some(step) && !self.wait_for(&mut at, pending, Self::select_source)
            || recipe.destination_at == step && !self.wait_for(&mut at, pending, Self::select_destination)
        {
            self.discarded += 1;
            pending.issued = recipe.macro_ops.len();
            return Issue::Discarded;
        }
        self.discarded = 0;
        let Some(at) = self.earliest(macro_op, at) else {
            self.saturated = true;
            return Issue::Stopped;
        };
        self.occupy(macro_op, at);
        self.result_cycle = at + macro_op.latency;
        if recipe.result_at == step {
            let last = Some((group_of(pending.instruction.operation), pending.operand));
            self.registers[usize::from(pending.instruction.dst)] =
                Register { ready: self.result_cycle, last };
        }
        self.saturated |= at >= SUPERSCALAR_LATENCY;
        pending.issued += 1;
        if pending.is_issued() {
            self.finish(pending);
        }
        Issue::Issued
    }

    fn finish(&mut self, pending: &Pending) {
        let mut instruction = pending.instruction;
        instruction.src = pending.source.map_or(instruction.dst, |source| source as u8);
        self.program.push(instruction);
        let is_multiplication =
            matches!(instruction.operation, Op::MulR | Op::MulHR | Op::SMulHR | Op::MulRcp);
        self.multiplications += usize::from(is_multiplication);
    }

    /// Tries to select an operand that is ready at `at`, else a little later.
    fn wait_for(
        &mut self,
        at: &mut usize,
        pending: &mut Pending,
        select: fn(&mut Self, usize, &mut Pending) -> bool,
    ) -> bool {
        for _ in 0..OPERAND_WAIT {
            if select(self, *at, pending) {
                return true;
            }
            *at += 1;
            self.cycle += 1;
        }
        false
    }

    fn select_source(&mut self, at: usize, pending: &mut Pending) -> bool {
        let available = self.registers_where(|_, register| register.ready <= at);
        let is_add = pending.instruction.operation == Op::AddRs;
        // Of two registers the one that IADD_RS cannot write has to be its source.
        let source = if is_add && available.count == 2 && available.contains(DISPLACED_REGISTER) {
            Some(DISPLACED_REGISTER)
        } else {
            available.draw(self.random)
        };
        let Some(source) = source else { return false };
        pending.source = Some(source);
        if !matches!(pending.instruction.operation, Op::MulHR | Op::SMulHR) {
            pending.operand = source as u32;
        }
        true
    }

    fn select_destination(&mut self, at: usize, pending: &mut Pending) -> bool {
        let operation = pending.instruction.operation;
        let group = group_of(operation);
        let may_be_source = matches!(operation, Op::MulHR | Op::SMulHR);
        // Only after a failure may a register be multiplied twice in a row.
        let chain_allowed = self.discarded > 0;
        let source = pending.source;
        let last = Some((group, pending.operand));
        let available = self.registers_where(|index, register| {
            let multiplied_again =
                group == Op::MulR && register.last.is_some_and(|(last_group, _)| last_group == Op::MulR);
            register.ready <= at
                && (may_be_source || Some(index) != source)
                && (chain_allowed || !multiplied_again)
                && register.last != last
                && (operation != Op::AddRs || index != DISPLACED_REGISTER)
        });
        let Some(destination) = available.draw(self.random) else { return false };
        pending.instruction.dst = destination as u8;
        true
    }

    fn registers_where(&self, accept: impl Fn(usize, &Register) -> bool) -> Available {
        let mut available = Available { registers: [0; 8], count: 0 };
        for (index, register) in self.registers.iter().enumerate() {
            if accept(index, register) {
                available.registers[available.count] = index;
                available.count += 1;
            }
        }
        available
    }

    /// First cycle in which every micro-op finds a port.
    fn earliest(&self, macro_op: &MacroOp, from: usize) -> Option<usize> {
        if macro_op.micro_ops.is_empty() {
            return Some(from);
        }
        let fits = |cycle: &usize| macro_op.micro_ops.iter().all(|&ports| self.free_port(ports, *cycle) != 0);
        (from..PORT_CYCLES).find(fits)
    }

    fn occupy(&mut self, macro_op: &MacroOp, cycle: usize) {
        for &ports in macro_op.micro_ops {
            self.busy_ports[cycle] |= self.free_port(ports, cycle);
        }
    }

    /// One of `ports` that is free in the cycle, or 0. P1 comes last: only it can multiply.
    fn free_port(&self, ports: u8, cycle: usize) -> u8 {
        let free = ports & !self.busy_ports[cycle];
        [P5, P0, P1].into_iter().find(|port| free & port != 0).unwrap_or(0)
    }
}

impl Pending {
    fn is_issued(&self) -> bool {
        self.issued >= self.recipe.macro_ops.len()
    }
}

/// Registers to choose from, in ascending order.
struct Available {
    registers: [usize; 8],
    count: usize,
}

impl Available {
    fn contains(&self, register: usize) -> bool {
        self.registers[..self.count].contains(&register)
    }

    /// Draws a random number only if there is a choice.
    fn draw(&self, random: &mut BlakeGenerator) -> Option<usize> {
        match self.count {
            0 => None,
            1 => Some(self.registers[0]),
            count => Some(self.registers[random.word() as usize % count]),
        }
    }
}
