//! What a value of a compose file may look like: the words that the tables are written in.

/// What a value may be. A kind that is not named is refused.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    scalars: u8,
    /// Texts are read as this where they are to be a number or a switch: Compose takes `"3"` for 3 there.
    pub(super) cast: Option<Cast>,
    /// What a text must be besides.
    pub(super) format: Option<Format>,
    /// Whether it is read only once all files are merged.
    pub(super) late: bool,
    /// The only texts; empty for any.
    pub(super) words: &'static [&'static str],
    /// The least and the greatest number.
    pub(super) range: Option<(i64, i64)>,
    pub(super) list: Option<&'static Shape>,
    /// Whether no item of the list may stand there twice.
    pub(super) distinct: bool,
    pub(super) map: Option<&'static Map>,
}

/// A kind of scalar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Is {
    Null = 1,
    Text = 2,
    Whole = 4,
    Number = 8,
    Switch = 16,
}

/// What Compose makes of a text before it looks at kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cast {
    Whole,
    Number,
    Switch,
}

/// When Compose looks at a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// As a file writes it: texts become numbers and switches.
    Written,
    /// Laid over the files before it: what a later file replaces has been refused by then.
    Merged,
    /// Once all files are merged.
    Decoded,
}

/// What a value has to be for Compose to read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Duration,
    Bytes,
    Port,
    Mount,
    PullPolicy,
    ContainerName,
    Address,
    Host,
    Device,
    Count,
    Mode,
    /// A line of words.
    Command,
    /// A text, or a whole number that becomes one.
    Label,
    /// The same, but looked at with each file.
    Exposed,
    /// A number of 0 or more: no text.
    Size,
    /// A whole number of 0 or more, also as a text.
    Positive,
    /// A whole number: no float, not even 5.0.
    Strict,
    /// `NAME=VALUE`.
    Pair,
    /// `NAME=VALUE`, or a name, without blanks behind the name.
    Variable,
    /// `NAME=PATH`, or `default`.
    Key,
    /// Of which something is left when it is made small.
    ProjectName,
}

impl Format {
    /// When it is looked at.
    pub(super) fn stage(self) -> Stage {
        match self {
            Self::Port
            | Self::Mount
            | Self::PullPolicy
            | Self::ContainerName
            | Self::Device
            | Self::Exposed
            | Self::Strict
            | Self::Pair
            | Self::Key => Stage::Merged,
            Self::Variable
            | Self::Duration
            | Self::Bytes
            | Self::Address
            | Self::Host
            | Self::Count
            | Self::Mode
            | Self::Command
            | Self::Label
            | Self::Size
            | Self::Positive
            | Self::ProjectName => Stage::Decoded,
        }
    }
}

/// Which of a map's other keys are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Names {
    /// All.
    Any,
    /// Names of letters, digits, `.`, `_` and `-`; another key is refused.
    Only,
    /// Such names; Compose does not look at others.
    Loose,
    /// Small letters; Compose does not look at others.
    Lower,
}

/// A map's keys.
#[derive(Clone, Copy, Debug)]
pub(super) struct Map {
    pub(super) keys: &'static [(&'static str, Shape)],
    /// What stands under any other key; `None` where there is no other key.
    pub(super) others: Option<&'static Shape>,
    /// What other keys are.
    pub(super) names: Names,
    /// Whether `x-` begins a key that may hold anything.
    pub(super) extensions: bool,
    pub(super) required: &'static [&'static str],
}

impl Shape {
    const NONE: Self = Self {
        scalars: 0,
        cast: None,
        format: None,
        words: &[],
        range: None,
        late: false,
        list: None,
        distinct: false,
        map: None,
    };
    /// A text.
    pub(super) const TEXT: Self = Self::NONE.or(Is::Text);
    /// A number, or a text.
    pub(super) const NUMBER: Self = Self::TEXT.or(Is::Number).or(Is::Whole);
    /// A whole number, or a text.
    pub(super) const WHOLE: Self = Self::TEXT.or(Is::Whole);
    /// A text that Compose reads as a whole number, or one.
    pub(super) const INT: Self = Self::WHOLE.read_as(Cast::Whole);
    /// True or false, or a text that Compose reads as one.
    pub(super) const SWITCH: Self = Self::TEXT.or(Is::Switch).read_as(Cast::Switch);
    /// True or false.
    pub(super) const BARE_SWITCH: Self = Self::NONE.or(Is::Switch);
    /// A number: no text, even where a variable makes it one.
    pub(super) const BARE_NUMBER: Self = Self::NONE.or(Is::Number).or(Is::Whole);
    /// A whole number, and no text.
    pub(super) const BARE_WHOLE: Self = Self::NONE.or(Is::Whole);
    /// A duration with its unit.
    pub(super) const DURATION: Self = Self::TEXT.like(Format::Duration);
    /// A size: bytes, or a text with a unit.
    pub(super) const BYTES: Self = Self::NUMBER.like(Format::Bytes);

    pub(super) const fn or(mut self, kind: Is) -> Self {
        self.scalars |= kind as u8;
        self
    }

    pub(super) const fn read_as(mut self, cast: Cast) -> Self {
        self.cast = Some(cast);
        self
    }

    /// Docker asks what kind it is, and reads it only once all files are merged.
    pub(super) const fn late(mut self) -> Self {
        self.late = true;
        self
    }

    pub(super) const fn like(mut self, format: Format) -> Self {
        self.format = Some(format);
        self
    }

    pub(super) const fn one_of(mut self, words: &'static [&'static str]) -> Self {
        self.words = words;
        self
    }

    pub(super) const fn within(mut self, least: i64, greatest: i64) -> Self {
        self.range = Some((least, greatest));
        self
    }

    pub(super) const fn or_list(mut self, items: &'static Self) -> Self {
        self.list = Some(items);
        self
    }

    /// No item twice.
    pub(super) const fn distinct(mut self) -> Self {
        self.distinct = true;
        self
    }

    pub(super) const fn or_map(mut self, map: &'static Map) -> Self {
        self.map = Some(map);
        self
    }

    pub(super) const fn list(items: &'static Self) -> Self {
        Self::NONE.or_list(items)
    }

    pub(super) const fn map(map: &'static Map) -> Self {
        Self::NONE.or_map(map)
    }

    pub(super) const fn takes(&self, kind: Is) -> bool {
        self.scalars & kind as u8 != 0
    }

    /// `a text or a list`.
    pub(super) fn words_for_kinds(&self) -> String {
        let mut kinds = Vec::new();
        let scalar = |kind: Is| self.takes(kind);
        if scalar(Is::Text) {
            kinds.push(match self.cast {
                _ if self.format == Some(Format::Duration) => "a duration such as `90s`",
                Some(Cast::Switch) => "true or false",
                Some(Cast::Whole) => "a whole number",
                Some(Cast::Number) => "a number",
                None => "a text",
            });
        }
        if scalar(Is::Number) && self.cast.is_none() {
            kinds.push("a number");
        } else if scalar(Is::Whole) && self.cast.is_none() {
            kinds.push("a whole number");
        }
        if scalar(Is::Switch) && self.cast.is_none() {
            kinds.push("true or false");
        }
        if self.list.is_some() {
            kinds.push("a list");
        }
        if self.map.is_some() {
            kinds.push("a map of keys and values");
        }
        if scalar(Is::Null) && !self.late {
            kinds.push("nothing");
        }
        match kinds.as_slice() {
            [] => String::new(),
            [one] => (*one).to_owned(),
            [first @ .., last] => format!("{} or {last}", first.join(", ")),
        }
    }
}

impl Map {
    /// These keys and `x-` ones.
    pub(super) const fn of(keys: &'static [(&'static str, Shape)]) -> Self {
        Self {
            keys,
            others: None,
            names: Names::Any,
            extensions: true,
            required: &[],
        }
    }

    /// Any key.
    pub(super) const fn any(others: &'static Shape) -> Self {
        Self {
            keys: &[],
            others: Some(others),
            names: Names::Any,
            extensions: false,
            required: &[],
        }
    }

    /// Any key of that kind.
    pub(super) const fn named(names: Names, others: &'static Shape) -> Self {
        Self {
            names,
            ..Self::any(others)
        }
    }

    pub(super) const fn without_extensions(mut self) -> Self {
        self.extensions = false;
        self
    }

    pub(super) const fn with(mut self, required: &'static [&'static str]) -> Self {
        self.required = required;
        self
    }
}
