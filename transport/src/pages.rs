use std::future::Future;

use futures::stream::{self, Stream};

/// One page of a listing, and what leads to the next one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T, N> {
    /// What stands on it; an empty page is legal and does not end the listing.
    pub items: T,
    /// What leads to the next page; `None` on the last one.
    pub next: Option<N>,
}

/// The pages of a listing: from `first` on, as long as a page names a next one. A page that cannot be had ends the
/// stream with its error. Nothing is read before the stream is polled, and no page before the one ahead of it was
/// taken.
///
/// ```
/// use futures::TryStreamExt;
/// use transport::{Page, pages};
///
/// let counted = pages(1, async |n| Ok::<_, std::io::Error>(Page { items: n, next: (n < 3).then_some(n + 1) }));
/// assert_eq!(futures::executor::block_on(counted.try_collect::<Vec<_>>())?, [1, 2, 3]);
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn pages<T, N, E, F>(first: N, mut read: impl FnMut(N) -> F) -> impl Stream<Item = Result<T, E>>
where
    F: Future<Output = Result<Page<T, N>, E>>,
{
    stream::try_unfold(Some(first), move |next| {
        let page = next.map(&mut read);
        async move {
            let Some(page) = page else { return Ok(None) };
            let Page { items, next } = page.await?;
            Ok(Some((items, next)))
        }
    })
}

#[cfg(test)]
mod tests {
    use futures::StreamExt;
    use futures::executor::block_on;

    use super::*;

    /// Reads pages out of a table: (items, next), or an error.
    fn read(table: &[Result<(&'static str, Option<usize>), &'static str>]) -> (Vec<String>, usize) {
        let mut reads = 0;
        let listing = pages(0, |at| {
            reads += 1;
            let row = table[at];
            async move { row.map(|(items, next)| Page { items, next }) }
        });
        let seen = block_on(listing.map(|page| format!("{page:?}")).collect());
        (seen, reads)
    }

    #[test]
    fn an_empty_page_in_the_middle_does_not_end_the_listing() {
        let (seen, reads) = read(&[Ok(("a", Some(1))), Ok(("", Some(2))), Ok(("b", None))]);
        assert_eq!(seen, [r#"Ok("a")"#, r#"Ok("")"#, r#"Ok("b")"#]);
        assert_eq!(reads, 3);
    }

    #[test]
    fn a_page_that_fails_ends_the_listing() {
        let (seen, reads) = read(&[Ok(("a", Some(1))), Err("gone"), Ok(("b", None))]);
        assert_eq!(seen, [r#"Ok("a")"#, r#"Err("gone")"#]);
        assert_eq!(reads, 2);
    }
}
