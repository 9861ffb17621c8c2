/* Moves a buffer by a kernel that is linked in: what runs under an emulator of another processor.
   foreign IN OUT LANES PARTS FIRST STEPS FAST_STEPS DT */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

void perfuse_run(double *, int64_t, int64_t, int64_t, int64_t, int64_t, double, double *, const int64_t *, int64_t, int64_t, double *,
                 const int64_t *, int64_t, int64_t);

int main(int count, char **word) {
  if (count != 9) return 2;
  FILE *file = fopen(word[1], "rb");
  if (!file) return 1;
  fseek(file, 0, SEEK_END);
  const size_t size = (size_t)ftell(file) / sizeof(double);
  rewind(file);
  double *buffer = malloc(size * sizeof(double));
  if (!buffer || fread(buffer, sizeof(double), size, file) != size) return 1;
  fclose(file);
  const int64_t steps = atoll(word[6]);
  perfuse_run(buffer, atoll(word[3]), atoll(word[4]), atoll(word[5]), steps, atoll(word[7]), atof(word[8]), 0, 0, 0, steps + 1, 0, 0, 0, 0);
  file = fopen(word[2], "wb");
  if (!file || fwrite(buffer, sizeof(double), size, file) != size) return 1;
  return fclose(file);
}
