# style: a window that slides over one row

from numpy.lib.stride_tricks import sliding_window_view


def create_local_mask(seq_len):
    row = np.zeros(2 * seq_len, dtype=np.int8)
    row[seq_len - 1 : seq_len + 1] = 1
    return sliding_window_view(row, seq_len)[1:][::-1]
