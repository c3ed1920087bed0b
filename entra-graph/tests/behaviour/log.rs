//! A log that a test can read.

use std::cell::RefCell;
use std::fmt::{Debug, Write as _};
use std::sync::Once;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber, callsite, subscriber};

thread_local! {
    /// What was logged on this thread, which is that of one test.
    static TEXT: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Keeps every event and every span as text, whoever makes it and at whatever level.
///
/// It is set once for all threads: a log of one thread only would miss places that another thread came by first.
pub(crate) struct Log;

impl Log {
    /// Begins to keep what is logged.
    pub(crate) fn keep() {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            subscriber::set_global_default(Self).unwrap();
            callsite::rebuild_interest_cache();
        });
    }

    /// What was logged on this thread since.
    pub(crate) fn text() -> String {
        TEXT.with_borrow(String::clone)
    }
}

struct Line;

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        TEXT.with_borrow_mut(|text| write!(text, " {field}={value:?}")).unwrap();
    }
}

impl Subscriber for Log {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut Line);
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut Line);
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Line);
        TEXT.with_borrow_mut(|text| text.push('\n'));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
