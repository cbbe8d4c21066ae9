. /lab/linux.inc
whole_life pv
