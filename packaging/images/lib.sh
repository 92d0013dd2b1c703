# What an image is and where it is kept; sourced by the scripts beside it.
#
# An image is a folder, CACHE/SUITE/LAYER-KEY/, where KEY is a hash of all that
# defines it. It is never written to after it was made; see `run`. A layer holds
# what the one below it does, and besides what its list, LAYER.packages, names.

images=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$images/../.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/countersign/images

# die TEXT...: one line, named after the script, and the end.
die()
{
	echo "${0##*/}: $*" >&2
	exit 1
}

# packages LAYER: the names in its list.
packages()
{
	sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$images/$1.packages"
}

# below LAYER: the layer that it is on top of; nothing for the lowest ones.
below()
{
	case $1 in
	base | mail) ;;
	lint) echo build ;;
	*) echo mail ;;
	esac
}

# build_depends: that field of the source package, on one line.
build_depends()
{
	sed -n '/^Build-Depends:/,/^[^ ]/ { s/^Build-Depends://; /^[^ ]/d; p }' \
		"$top/packaging/debian/control" | tr -d '\n'
}

# depends LAYER: what it holds, but for the layer below, as a Depends: field.
depends()
{
	[ "$1" != build ] || build_depends
	packages "$1" | paste -sd,
}

# definition LAYER: all that it holds.
definition()
{
	local lower

	lower=$(below "$1")
	[ -z "$lower" ] || definition "$lower"
	depends "$1"
}

# image_path SUITE LAYER: where it is, or will be.
image_path()
{
	local key

	key=$({
		echo "$1"
		cat "$images/make"
		definition "$2"
	} | sha256sum)
	echo "$cache/$1/$2-${key:0:12}"
}
