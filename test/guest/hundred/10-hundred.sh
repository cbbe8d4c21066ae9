. /lab/crowd.inc
crowd 100 1
