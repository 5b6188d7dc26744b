import logging
import warnings

warnings.warn("this module is old", DeprecationWarning)
logging.basicConfig(level=logging.DEBUG)


def nights(check_in, check_out):
    logging.getLogger().critical("counting")
    warnings.warn("this function is old", FutureWarning)
    if check_out <= check_in:
        raise ValueError("no night")
    return (check_out - check_in).days
