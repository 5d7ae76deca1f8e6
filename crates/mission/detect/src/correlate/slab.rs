//! Places for many small things of one size: numbered, reused, and without the slack that a
//! growing vector doubles into.

/// No place.
pub(super) const NONE: u32 = u32::MAX;

const CHUNK: usize = 1 << 12;

/// Things by number.
#[derive(Debug)]
pub(super) struct Slab<T> {
    chunks: Vec<Vec<T>>,
    free: Vec<u32>,
    len: usize,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Slab { chunks: Vec::new(), free: Vec::new(), len: 0 }
    }
}

impl<T: Copy> Slab<T> {
    /// Puts it in a place.
    pub(super) fn put(&mut self, item: T) -> u32 {
        self.len += 1;
        if let Some(at) = self.free.pop() {
            *self.at_mut(at) = item;
            return at;
        }
        if self.chunks.last().is_none_or(|last| last.len() == CHUNK) {
            // The first chunk grows as needed: most correlations have few groups.
            let room = if self.chunks.is_empty() { 0 } else { CHUNK };
            self.chunks.push(Vec::with_capacity(room));
        }
        let chunk = self.chunks.len() - 1;
        let last = &mut self.chunks[chunk];
        last.push(item);
        (chunk * CHUNK + last.len() - 1) as u32
    }

    /// Frees a place.
    pub(super) fn remove(&mut self, at: u32) {
        self.len -= 1;
        self.free.push(at);
        if self.len == 0 {
            *self = Slab::default();
        }
    }

    pub(super) fn at(&self, at: u32) -> &T {
        &self.chunks[at as usize / CHUNK][at as usize % CHUNK]
    }

    pub(super) fn at_mut(&mut self, at: u32) -> &mut T {
        &mut self.chunks[at as usize / CHUNK][at as usize % CHUNK]
    }

    /// How many places are taken.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Memory it holds.
    pub(super) fn bytes(&self) -> usize {
        let items: usize = self.chunks.iter().map(|chunk| chunk.capacity() * size_of::<T>()).sum();
        items + self.free.capacity() * size_of::<u32>()
    }
}
