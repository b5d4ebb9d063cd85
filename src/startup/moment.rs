//! Moments as programs print them: RFC 3339, and what comes close to it.

use crate::duration::Seconds;

const SECOND: i64 = 1_000_000_000;

/// A printed moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    /// Since 1970, in nanoseconds; by UTC where the zone is written, else by an unknown clock.
    nanos: i64,
    /// Whether the zone is written.
    zoned: bool,
    /// The unit of the last digit that is written, in nanoseconds.
    precision: i64,
}

impl Moment {
    /// So many nanoseconds after the beginning of 1970, UTC.
    pub(super) fn from_nanos(nanos: i64) -> Self {
        Self {
            nanos,
            zoned: true,
            precision: 1,
        }
    }

    /// So many whole seconds after the beginning of 1970, UTC.
    pub(super) fn whole_seconds(seconds: i64) -> Option<Self> {
        Some(Self {
            nanos: seconds.checked_mul(SECOND)?,
            zoned: true,
            precision: SECOND,
        })
    }

    /// What moments with a zone are sorted by.
    pub(super) fn order(self) -> i64 {
        self.nanos
    }

    /// The time from `earlier` to this moment, and how much of it the missing digits leave open. None where it cannot be
    /// known, or would be negative.
    pub(super) fn since(self, earlier: Self) -> Option<(Seconds, Seconds)> {
        if self.zoned != earlier.zoned {
            return None;
        }
        let length = self.nanos.checked_sub(earlier.nanos)?;
        let open = match self.precision.max(earlier.precision) {
            1 => 0,
            unit => unit,
        };
        (length >= 0).then(|| (Seconds::from_nanos(length), Seconds::from_nanos(open)))
    }

    /// Whether it is not after `other`; both have a zone.
    pub(super) fn is_before(self, other: Self) -> bool {
        self.nanos < other.nanos
    }

    /// How far apart two moments are.
    pub(super) fn apart(self, other: Self) -> Seconds {
        Seconds::from_nanos(self.nanos.saturating_sub(other.nanos).saturating_abs())
    }

    /// As RFC 3339, in UTC; without a zone it is taken for UTC, the zone of containers.
    pub(super) fn text(self) -> String {
        let (days, rest) = (
            self.nanos.div_euclid(86_400 * SECOND),
            self.nanos.rem_euclid(86_400 * SECOND),
        );
        let (year, month, day) = date(days);
        let (seconds, nanos) = (rest / SECOND, rest % SECOND);
        let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
        let fraction = match nanos {
            0 => String::new(),
            _ => format!(".{nanos:09}").trim_end_matches('0').to_owned(),
        };
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z")
    }
}

/// The moment that a whole text is.
pub(super) fn parse(text: &str) -> Option<Moment> {
    let (moment, end) = at_start(text)?;
    (end == text.len()).then_some(moment)
}

/// The moment at the start of a text, `2025-11-01T10:30:00.5Z` or `2025-11-01 10:30:00,5 +0100`, and where it ends.
pub(super) fn at_start(text: &str) -> Option<(Moment, usize)> {
    const MODEL: &[u8] = b"0000-00-00T00:00:00";
    let bytes = text.as_bytes();
    let head = bytes.get(..MODEL.len())?;
    let fits = head.iter().zip(MODEL).all(|(byte, model)| match model {
        b'0' => byte.is_ascii_digit(),
        b'T' => matches!(byte, b'T' | b' '),
        _ => byte == model,
    });
    if !fits {
        return None;
    }
    let day = days(
        digits(&head[..4]),
        digits(&head[5..7]),
        digits(&head[8..10]),
    )?;
    let clock = clock(&head[11..])?;
    finish(text, MODEL.len(), day, clock)
}

/// The first moment in a text, in any of the forms that programs print.
pub(super) fn find(text: &str) -> Option<Moment> {
    let bytes = text.as_bytes();
    let starts = bytes.iter().enumerate().filter(|(at, byte)| {
        byte.is_ascii_digit() && (*at == 0 || !bytes[at - 1].is_ascii_digit())
    });
    starts.map(|(at, _)| at).find_map(|at| {
        let rest = &text[at..];
        let found = at_start(rest)
            .or_else(|| worded(rest))
            .or_else(|| american(rest));
        found.map(|(moment, _)| moment)
    })
}

/// Redis: `20 Jul 2023 10:00:00.123`.
fn worded(text: &str) -> Option<(Moment, usize)> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let bytes = text.as_bytes();
    let at = bytes.iter().position(|byte| *byte == b' ')?;
    let number = |bytes: &[u8]| bytes.iter().all(u8::is_ascii_digit).then(|| digits(bytes));
    let day = number(bytes.get(..at).filter(|day| matches!(day.len(), 1 | 2))?)?;
    let name = bytes.get(at + 1..at + 4)?;
    let month = MONTHS.iter().position(|month| month.as_bytes() == name)?;
    let year = number(bytes.get(at + 5..at + 9)?)?;
    let day = days(year, i64::try_from(month).ok()? + 1, day)?;
    finish(text, at + 18, day, clock(bytes.get(at + 10..at + 18)?)?)
}

/// `NestJS`: `11/01/2025, 10:30:00 AM`.
fn american(text: &str) -> Option<(Moment, usize)> {
    let bytes = text.as_bytes();
    let head = bytes.get(..10)?;
    let is_date = head.iter().enumerate().all(|(at, byte)| match at {
        2 | 5 => *byte == b'/',
        _ => byte.is_ascii_digit(),
    });
    let rest = text.get(10..)?.strip_prefix(", ")?;
    let end = rest.find(' ')?;
    let half = match rest.get(end + 1..end + 3)? {
        "AM" => 0,
        "PM" => 12,
        _ => return None,
    };
    // `9:05:00` has one digit.
    let padded = format!("{:0>8}", &rest[..end]);
    let clock = clock(padded.as_bytes())?;
    let day = days(digits(&head[6..]), digits(&head[..2]), digits(&head[3..5]))?;
    let seconds = clock % (12 * 3_600) + half * 3_600;
    let moment = Moment {
        nanos: day
            .checked_mul(86_400)?
            .checked_add(seconds)?
            .checked_mul(SECOND)?,
        zoned: false,
        precision: SECOND,
    };
    (is_date && padded.len() == 8).then_some((moment, 12 + end + 3))
}

/// Fraction and zone behind date and time.
fn finish(text: &str, mut end: usize, day: i64, clock: i64) -> Option<(Moment, usize)> {
    let bytes = text.as_bytes();
    let (mut fraction, mut precision) = (0, SECOND);
    if matches!(bytes.get(end), Some(b'.' | b',')) {
        let behind = bytes[end + 1..].iter();
        let decimals = behind.take_while(|byte| byte.is_ascii_digit()).count();
        for byte in bytes[end + 1..].iter().take(decimals.min(9)) {
            precision /= 10;
            fraction += i64::from(byte - b'0') * precision;
        }
        end += if decimals > 0 { 1 + decimals } else { 0 };
    }
    let (offset, length) = match zone(&bytes[end..]) {
        Some((offset, length)) => (Some(offset), length),
        None => (None, 0),
    };
    let seconds = day.checked_mul(86_400)?.checked_add(clock)? - offset.unwrap_or(0);
    let moment = Moment {
        nanos: seconds.checked_mul(SECOND)?.checked_add(fraction)?,
        zoned: offset.is_some(),
        precision,
    };
    Some((moment, end + length))
}

/// The offset of a zone in seconds, and its length: `Z`, `+02:00`, ` +0200`, ` UTC`.
fn zone(bytes: &[u8]) -> Option<(i64, usize)> {
    let (bytes, blank) = match bytes {
        [b' ', rest @ ..] => (rest, 1),
        _ => (bytes, 0),
    };
    let offset = |sign: u8, hours: &[u8], minutes: &[u8]| {
        let is_number = hours.iter().chain(minutes).all(u8::is_ascii_digit);
        let seconds = digits(hours) * 3_600 + digits(minutes) * 60;
        is_number.then_some(if sign == b'-' { -seconds } else { seconds })
    };
    match bytes {
        [b'Z', ..] if blank == 0 => Some((0, 1)),
        [b'U', b'T', b'C', ..] | [b'G', b'M', b'T', ..] if blank == 1 => Some((0, 4)),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2, ..] => {
            Some((offset(*sign, &[*h1, *h2], &[*m1, *m2])?, 6 + blank))
        }
        [sign @ (b'+' | b'-'), h1, h2, m1, m2, ..] => {
            Some((offset(*sign, &[*h1, *h2], &[*m1, *m2])?, 5 + blank))
        }
        _ => None,
    }
}

/// `10:30:00` in seconds.
fn clock(text: &[u8]) -> Option<i64> {
    let fits = text.iter().enumerate().all(|(at, byte)| match at {
        2 | 5 => *byte == b':',
        _ => byte.is_ascii_digit(),
    });
    if text.len() != 8 || !fits {
        return None;
    }
    let (hour, minute, second) = (digits(&text[..2]), digits(&text[3..5]), digits(&text[6..]));
    (hour < 24 && minute < 60 && second <= 60).then_some(hour * 3_600 + minute * 60 + second)
}

fn digits(bytes: &[u8]) -> i64 {
    bytes.iter().fold(0, |number, byte| {
        number * 10 + i64::from(byte.wrapping_sub(b'0'))
    })
}

/// Days since 1970 of a date in the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Years that begin in March end with the leap day.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * month + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

/// The date of a day since 1970.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    (era * 400 + year + next, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn is(text: &str, expected: &str) {
        assert_eq!(
            find(text).map(Moment::text).as_deref(),
            Some(expected),
            "{text}"
        );
    }

    #[test]
    fn forms() {
        is("2025-11-01T10:30:00Z x", "2025-11-01T10:30:00Z");
        is("[2025-11-01 10:30:00] x", "2025-11-01T10:30:00Z");
        is("[2019-12-05 11:57:27 +0000] [1]", "2019-12-05T11:57:27Z");
        is(
            "2025-11-01T10:30:00.612192620+07:00 x",
            "2025-11-01T03:30:00.61219262Z",
        );
        is("2025-11-01 10:30:00,250 INFO", "2025-11-01T10:30:00.25Z");
        is(
            "2025-11-01 10:30:00.123 UTC [1] LOG:",
            "2025-11-01T10:30:00.123Z",
        );
        is(
            "1:M 20 Jul 2023 10:00:00.123 * Ready",
            "2023-07-20T10:00:00.123Z",
        );
        is(
            "[Nest] 1  - 11/01/2025, 1:30:00 PM     LOG",
            "2025-11-01T13:30:00Z",
        );
        is(
            "[Nest] 1  - 11/01/2025, 12:30:00 AM     LOG",
            "2025-11-01T00:30:00Z",
        );
        is("2024-02-29T23:59:59-00:30", "2024-03-01T00:29:59Z");
        is("1969-12-31T23:59:59Z", "1969-12-31T23:59:59Z");
        for text in [
            "10:30:00",
            "2025-13-01 10:30:00",
            "2025-11-01T25:00:00Z",
            "é",
            "0001-01-01T00:00:00Z",
            "11/01/2025, 1:30:00 XM",
        ] {
            assert_eq!(find(text), None, "{text}");
        }
    }

    #[test]
    fn what_digits_leave_open() {
        let since = |later: &str, earlier: &str| {
            let (length, open) = find(later)?.since(find(earlier)?)?;
            Some((length.to_string(), open.to_string()))
        };
        let pair = |a: &str, b: &str| Some((a.to_owned(), b.to_owned()));
        assert_eq!(
            since("2025-11-01 10:30:07", "2025-11-01 10:30:00"),
            pair("7", "1")
        );
        assert_eq!(
            since(
                "2025-11-01T10:30:07.000000001Z",
                "2025-11-01T12:30:00.000000000+02:00"
            ),
            pair("7.000000001", "0")
        );
        assert_eq!(
            since("2025-11-01 10:30:07.5", "2025-11-01 10:30:00"),
            pair("7.5", "1")
        );
        assert_eq!(since("2025-11-01 10:30:07Z", "2025-11-01 10:30:00"), None);
        assert_eq!(since("2025-11-01 10:30:00", "2025-11-01 10:30:01"), None);
    }

    proptest! {
        #[test]
        fn printed_and_read_again(nanos in -4_000_000_000_000_000_000_i64..4_000_000_000_000_000_000) {
            let moment = Moment { nanos, zoned: true, precision: 1 };
            prop_assert_eq!(parse(&moment.text()).map(|read| read.nanos), Some(nanos));
        }

        #[test]
        fn any_text_is_read(text in "\\PC{0,40}|[0-9:T /.+-]{0,40}") {
            find(&text);
        }
    }
}
