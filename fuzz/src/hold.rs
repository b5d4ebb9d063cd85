//! What has to hold of every text that is read.

use upbeat::shell::{
    Argument, ComposeCommand, Dialect, Environment, Event, Literal, ScriptReading, Setting, Wait,
};
use upbeat::source::{Mapped, SourceFile, Span};

/// Reads a script as bash and as sh do, and checks the places that this gives.
pub fn script(file: &SourceFile, text: &Mapped) -> [ScriptReading; 2] {
    [Dialect::Bash, Dialect::Sh].map(|dialect| {
        let mut environment = Environment::new();
        environment.stop_on_errors(dialect == Dialect::Bash);
        if dialect == Dialect::Sh {
            environment.tell_programs();
        }
        let reading = upbeat::shell::read(text, &environment, dialect);
        for event in &reading.events {
            let mut places = Places::default();
            places.event(event);
            places.hold(file);
        }
        reading
    })
}

/// Each character of a derived text leads back to bytes of its file, in order; a verbatim one to just these bytes.
pub fn positions(file: &SourceFile, mapped: &Mapped) {
    let text = mapped.text();
    let mut last = 0;
    for (at, c) in text.char_indices() {
        let range = at..at + c.len_utf8();
        let span = mapped.span(range.clone());
        let bytes = bytes(file, span);
        if mapped.is_verbatim(range.clone()) {
            assert_eq!(bytes, &text[range], "at {at} of {text:?}");
        }
        assert!(span.start >= last, "{at} of {text:?} leads back");
        last = span.start;
    }
    let all = mapped.span(0..text.len());
    if mapped.is_verbatim(0..text.len()) {
        assert_eq!(bytes(file, all), text);
    }
}

/// The bytes of a place: it lies in the file, between characters.
fn bytes(file: &SourceFile, span: Span) -> &str {
    let text = file.text().get(span.range());
    text.unwrap_or_else(|| panic!("{span:?} is no place in {:?}", file.text()))
}

/// The places that an event names.
#[derive(Default)]
struct Places<'a> {
    spans: Vec<Span>,
    literals: Vec<&'a Literal>,
}

impl<'a> Places<'a> {
    fn hold(&self, file: &SourceFile) {
        for span in &self.spans {
            bytes(file, *span);
        }
        for literal in &self.literals {
            let bytes = bytes(file, literal.span);
            if literal.verbatim {
                assert_eq!(bytes, literal.text);
            }
        }
    }

    fn event(&mut self, event: &'a Event) {
        match event {
            Event::Compose(command) => self.compose(command),
            Event::Wait(wait) => self.wait(wait),
            Event::Call(call) => {
                self.spans.extend([call.span, call.path.span]);
                let arguments = call.environment.arguments().iter().flatten();
                self.literals
                    .extend(arguments.flat_map(|given| &given.from));
                self.setting(&call.setting);
            }
            Event::Program(program) => {
                self.spans.push(program.span);
                let words = program.words.iter().flatten();
                self.literals.extend(words.flat_map(|word| &word.from));
                self.setting(&program.setting);
            }
        }
    }

    fn wait(&mut self, wait: &'a Wait) {
        self.spans.push(wait.span);
        self.literals.extend(&wait.from);
        if let Some(knob) = &wait.knob {
            assert!(knob.literal.verbatim, "{knob:?}");
            self.literals.push(&knob.literal);
        }
        let watches = &wait.watches;
        for command in &watches.compose {
            self.compose(command);
        }
        self.spans
            .extend(watches.containers.iter().map(|watched| watched.span));
        self.spans
            .extend(watches.endpoints.iter().map(|endpoint| endpoint.span));
        self.spans
            .extend(watches.filters.iter().map(|filter| filter.span));
        self.spans
            .extend(watches.filters.iter().filter_map(|filter| filter.program));
        self.setting(&wait.setting);
    }

    fn compose(&mut self, command: &'a ComposeCommand) {
        self.spans.push(command.span);
        let lists = [
            &command.files,
            &command.env_files,
            &command.profiles,
            &command.services,
            &command.inner,
        ];
        for argument in lists.into_iter().flatten() {
            self.argument(argument);
        }
        let single = [
            &command.project_directory,
            &command.project_name,
            &command.compose_file,
            &command.path_separator,
            &command.compose_profiles,
            &command.compose_project_name,
        ];
        for argument in single.into_iter().flatten() {
            self.argument(argument);
        }
        for (_, argument) in &command.exported {
            self.argument(argument);
        }
        if let Some(timeout) = &command.wait_timeout {
            self.literals.extend(&timeout.from);
            self.literals
                .extend(timeout.knob.iter().map(|knob| &knob.literal));
        }
        self.setting(&command.setting);
    }

    fn argument(&mut self, argument: &Argument) {
        self.spans.push(argument.span);
    }

    fn setting(&mut self, setting: &'a Setting) {
        if let Some(timeout) = &setting.timeout {
            self.literals.extend(&timeout.from);
            self.literals
                .extend(timeout.knob.iter().map(|knob| &knob.literal));
        }
    }
}
