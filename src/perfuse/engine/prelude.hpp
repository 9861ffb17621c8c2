// What the written kernel stands on: numbers of one patient or of WIDTH patients at once. No library, no intrinsics.
// Compiled twice: without VECTORS for one patient (T = double), with it for several (T = vector).

typedef __INT64_TYPE__ int64_t;
#define INLINED static inline __attribute__((always_inline))
#define NEVER_INLINED static __attribute__((noinline))
#ifdef _WIN32
#define EXPORTED extern "C" __declspec(dllexport)
#else
#define EXPORTED extern "C" __attribute__((visibility("default")))
#endif

#ifdef VECTORS
typedef double number __attribute__((vector_size(8 * WIDTH)));
#else
#undef WIDTH
#define WIDTH 1
typedef double number;
#endif

template<class T> using mask = decltype(T{} < T{});
template<class T, class M, class A> INLINED A pick(const M& m, const A& a, const A& b) { return m ? a : b; }
INLINED bool not_(bool m) { return !m; }
INLINED double square_root(double x) { return __builtin_sqrt(x); }
INLINED double round_down(double x) { return __builtin_floor(x) + 0.0; }  // Python's floor is a whole number: never -0
#ifdef VECTORS
template<class T> INLINED T real(double x) { return x - T{}; }  // in every lane
INLINED mask<number> not_(const mask<number>& m) { return ~m; }
INLINED number square_root(const number& x) { number y; for (int i = 0; i < WIDTH; i++) y[i] = __builtin_sqrt(x[i]); return y; }
INLINED number round_down(const number& x) { number y; for (int i = 0; i < WIDTH; i++) y[i] = __builtin_floor(x[i]); return y + 0.0; }
INLINED double lane(const number& x, int64_t i) { return x[i]; }
INLINED void set_lane(number& x, int64_t i, double value) { x[i] = value; }
#else
template<class T> INLINED T real(double x) { return x; }
INLINED double lane(double x, int64_t) { return x; }
INLINED void set_lane(double& x, int64_t, double value) { x = value; }
#endif

// as Python divides whole numbers
INLINED int64_t floor_division(int64_t a, int64_t b) { int64_t q = a / b; return (a % b != 0 && (a < 0) != (b < 0)) ? q - 1 : q; }
INLINED int64_t floor_remainder(int64_t a, int64_t b) { return a - b * floor_division(a, b); }

// Rows that are copied out: sample s of row i of lane l lies at [(s * count + i) * lanes + l]; the block's lanes begin at `first`.
struct Samples { double* out; const int64_t* rows; int64_t count, lanes, first, used; };

template<class T> INLINED void copy_rows(const T* buf, const Samples& to, int64_t sample) {
  for (int64_t i = 0; i < to.count; i++)
    for (int64_t l = 0; l < to.used; l++) to.out[(sample * to.count + i) * to.lanes + to.first + l] = lane(buf[to.rows[i]], l);
}

// A column of numbers, WIDTH at a time; where fewer are left the last is taken again.
INLINED number load(const double* column, int64_t used) {
  number x;
  for (int64_t l = 0; l < WIDTH; l++) set_lane(x, l, column[l < used ? l : used - 1]);
  return x;
}
INLINED void store(double* column, const number& x, int64_t used) {
  for (int64_t l = 0; l < used; l++) column[l] = lane(x, l);
}
