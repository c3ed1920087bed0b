//! Some rules laid out together, and what they make of everybody.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use provisioning_core::source::Person;

use crate::language::evaluate::Truth;
use crate::population::Entry;
use crate::population::bits::{Bits, Row};
use crate::population::frame::Frame;
use crate::population::group::{Group, together};
use crate::population::seen::Scratch;
use crate::rule::Rule;
use crate::set::RuleSet;

/// Rules that are laid out together.
#[derive(Debug, Clone)]
pub(super) struct Part {
    pub(super) frame: Frame,
    /// Where each stands among all rules; nothing where it is none of them any more.
    pub(super) places: Vec<Option<usize>>,
    /// The classes of everybody's contracts, one after the other.
    pub(super) classes: Vec<u32>,
}

impl Part {
    /// Lays out the rules at some places, going by what is seen of some people.
    pub(super) fn of(rules: &RuleSet, places: Vec<usize>, people: &[Person<'_>], now: DateTime<Utc>) -> Self {
        let own: Vec<&Rule> = places.iter().filter_map(|place| rules.rules.get(*place)).collect();
        let mut draft = Frame::of(&own, &[]);
        let (mut sample, mut scratch) = (Vec::new(), Scratch::default());
        for person in people {
            for facts in draft.asked(&rules.facts(person, now)) {
                draft.see(&facts, &mut scratch);
                sample.push(scratch.seen.clone());
            }
        }
        let groups = together(draft.sights(), &sample);
        let mut frame = Frame::of(&own, &draft.shares(own.len(), &sample));
        frame.groups = groups.into_iter().map(Group::of).collect();
        Self { frame, places: places.into_iter().map(Some).collect(), classes: Vec::new() }
    }

    /// How many classes a contract has.
    pub(super) fn width(&self) -> usize {
        self.frame.groups.len() + 1
    }

    /// The classes of each contract of a person.
    pub(super) fn classes_of(&self, entry: &Entry) -> impl Iterator<Item = &[u32]> {
        let width = self.width();
        let classes = self.classes.get(entry.first * width..(entry.first + entry.of.len()) * width);
        classes.unwrap_or_default().chunks_exact(width)
    }

    /// The rules that come out so at least, by their places among all.
    pub(super) fn rules_of(&self, classes: &[u32], truth: Truth) -> BTreeSet<usize> {
        self.row(classes, truth).lines().filter_map(|line| self.place(line)).collect()
    }

    /// The rules that hold, of those that have these lines.
    pub(super) fn holding(&self, classes: &[u32], lines: &[usize]) -> impl Iterator<Item = usize> {
        let holds = |line: &usize| self.rows(classes).all(|row| row.surely.has(*line));
        lines.iter().filter(move |line| holds(line)).filter_map(|line| self.place(*line))
    }

    /// Where the rule that a line is of stands among all.
    pub(super) fn place(&self, line: usize) -> Option<usize> {
        *self.places.get(self.frame.layout.rule(line)?)?
    }

    fn row(&self, classes: &[u32], truth: Truth) -> Bits {
        let mut all = Row::all(self.frame.lines());
        self.rows(classes).for_each(|row| all.and(row));
        if truth == Truth::Holds { all.surely } else { all.maybe }
    }

    fn rows(&self, classes: &[u32]) -> impl Iterator<Item = &Row> {
        let groups = self.frame.groups.iter().chain([&self.frame.rest]);
        groups.zip(classes).filter_map(|(group, class)| group.rows.get(usize::try_from(*class).ok()?))
    }

    /// The lines of the rules at some places.
    pub(super) fn lines(&self, is_meant: impl Fn(usize) -> bool) -> Vec<usize> {
        (0..self.frame.lines()).filter(|line| self.place(*line).is_some_and(&is_meant)).collect()
    }

    /// Gives the rules other places; one that gets none holds of nobody any more.
    pub(super) fn replace(&mut self, place: impl Fn(usize) -> Option<usize>) {
        let mut gone = Bits::none(self.frame.lines());
        self.lines(|old| place(old).is_none()).into_iter().for_each(|line| gone.set(line));
        let groups = self.frame.groups.iter_mut().flat_map(|group| &mut group.rows);
        groups.chain(&mut self.frame.rows_of_kinds).for_each(|row| row.limit(&gone, Truth::Fails));
        for own in &mut self.places {
            *own = own.and_then(&place);
        }
    }
}
