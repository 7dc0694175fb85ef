#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Ok,
    /// There, and less than it could be.
    Degraded,
    Unavailable,
    /// The machine does not say.
    Unknown,
}

impl State {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Degraded => "degraded",
            Self::Unavailable => "unavailable",
            Self::Unknown => "unknown",
        }
    }
}

/// One capability of the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Stable name for programs.
    pub id: &'static str,
    pub title: &'static str,
    pub state: State,
    /// What was read, in one sentence.
    pub cause: String,
    /// What the state costs or gives.
    pub effect: String,
    /// Lines to type into a root shell, or to do where no command exists; empty if there is nothing to do.
    pub remedy: Vec<String>,
}

/// A capability before it has been looked at.
#[derive(Clone, Copy, Debug)]
pub struct Subject {
    pub id: &'static str,
    pub title: &'static str,
}

impl Subject {
    pub fn ok(self, cause: impl Into<String>, effect: impl Into<String>) -> Finding {
        self.found(State::Ok, cause, effect)
    }

    pub fn degraded(self, cause: impl Into<String>, effect: impl Into<String>) -> Finding {
        self.found(State::Degraded, cause, effect)
    }

    pub fn unavailable(self, cause: impl Into<String>, effect: impl Into<String>) -> Finding {
        self.found(State::Unavailable, cause, effect)
    }

    pub fn unknown(self, cause: impl Into<String>, effect: impl Into<String>) -> Finding {
        self.found(State::Unknown, cause, effect)
    }

    fn found(self, state: State, cause: impl Into<String>, effect: impl Into<String>) -> Finding {
        let (cause, effect) = (cause.into(), effect.into());
        Finding { id: self.id, title: self.title, state, cause, effect, remedy: Vec::new() }
    }
}

impl Finding {
    pub fn remedy<const N: usize>(mut self, lines: [&str; N]) -> Self {
        self.remedy = lines.map(str::to_owned).to_vec();
        self
    }
}
