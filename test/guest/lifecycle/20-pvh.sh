. /lab/linux.inc
whole_life pvh
