# SPDX-License-Identifier: GPL-3.0-or-later
# Files as C strings: cmake -D OUT=page_files.c -D FILES="a.css;b.js" -P embed.cmake makes page_css and so on of them.
set(text "/* Made by embed.cmake. */\n#include \"reports/forms/html_parts.h\"\n")
foreach(file ${FILES})
  get_filename_component(name ${file} NAME)
  string(REPLACE "." "_" name ${name})
  file(READ ${file} bytes HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
  string(APPEND text "const char page_${name}[] = {${bytes}0};\n")
endforeach()
file(WRITE ${OUT}.part "${text}")
file(RENAME ${OUT}.part ${OUT})
