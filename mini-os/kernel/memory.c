#include <mini-os/arch.h>
#include <mini-os/memory.h>
#include <string.h>

static uintptr_t heap_break; /* 0: the heap was not used yet */
static uintptr_t heap_first;

static void begin(void) {
    if (!heap_break)
        heap_break = heap_first = (boot.heap_start + PAGE_SIZE - 1) & -PAGE_SIZE;
}

void *page_take(void) {
    begin();
    if (boot.heap_end < heap_break + PAGE_SIZE)
        return NULL;
    boot.heap_end -= PAGE_SIZE;
    return memset((void *)boot.heap_end, 0, PAGE_SIZE);
}

size_t memory_left(void) {
    begin();
    return boot.heap_end - heap_break;
}

size_t memory_total(void) {
    begin();
    return boot.heap_end - heap_first;
}

void *heap_grow(ptrdiff_t increment);

/* What the C library's allocator lives on. */
void *heap_grow(ptrdiff_t increment) {
    begin();
    if (increment > 0 && (size_t)increment > memory_left())
        return NULL;
    if (increment < 0 && (size_t)-increment > heap_break - heap_first)
        return NULL;
    uintptr_t old = heap_break;
    heap_break += increment;
    return (void *)old;
}
