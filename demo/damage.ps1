# The ways in which real life damages stores. Times and modes are put back where a failing disk leaves them alone.

# Changes the bytes of a file that may not be written to, and leaves its time and mode as they were.
function Edit-StoreFile([string] $File, [scriptblock] $Change) {
    $time, $mode = [IO.File]::GetLastWriteTimeUtc($File), [IO.File]::GetUnixFileMode($File)
    [IO.File]::SetUnixFileMode($File, 0x1a4)
    [IO.File]::WriteAllBytes($File, [byte[]] @(& $Change ([IO.File]::ReadAllBytes($File))))
    [IO.File]::SetLastWriteTimeUtc($File, $time)
    [IO.File]::SetUnixFileMode($File, $mode)
}

# Does something in a directory that may not be written to, and leaves its time and mode as they were.
function Edit-StoreDirectory([string] $Directory, [scriptblock] $Change) {
    $time, $mode = [IO.Directory]::GetLastWriteTimeUtc($Directory), [IO.File]::GetUnixFileMode($Directory)
    [IO.File]::SetUnixFileMode($Directory, 0x1ed)
    & $Change $Directory
    [IO.Directory]::SetLastWriteTimeUtc($Directory, $time)
    [IO.File]::SetUnixFileMode($Directory, $mode)
}

# Overwrites the hash of a path in the database's file itself, as a bad sector would: nothing of SQLite notices.
function Edit-StoreRow($Path) {
    $database = (Get-NixStore -Store $Path.Store).DatabasePath
    $bytes = [IO.File]::ReadAllBytes($database)
    $at = [Text.Encoding]::Latin1.GetString($bytes).IndexOf($Path.NarHash.ToBase16(), [StringComparison]::Ordinal)
    if ($at -lt 0) { throw "The row of $Path is not in '$database'." }
    [Text.Encoding]::Latin1.GetBytes('?' * 20).CopyTo($bytes, $at)
    [IO.File]::WriteAllBytes($database, $bytes)
}

# Each on a path of its own; Expected is what verification must find.
function Get-DemoDamage {
    [pscustomobject]@{
        Name        = 'libdemo-2.1'
        Description = 'a power loss leaves a library with no contents'
        Expected    = 'ZeroLength'
        Apply       = { param($path) Edit-StoreFile "$($path.RealPath)/lib/libdemo.so.2.1" { } }
    }
    [pscustomobject]@{
        Name        = 'numbers'
        Description = 'a bit flips on the disk'
        Expected    = 'HashMismatch'
        Apply       = { param($path) Edit-StoreFile "$($path.RealPath)/numbers" { param($bytes) $bytes[1000] = $bytes[1000] -bxor 0x10; $bytes } }
    }
    [pscustomobject]@{
        Name        = 'manual.txt'
        Description = 'somebody deletes a path'
        Expected    = 'Missing'
        Apply       = { param($path) [IO.File]::Delete($path.RealPath) }
    }
    [pscustomobject]@{
        Name        = 'config'
        Description = 'a program leaves a file behind'
        Expected    = 'ExtraEntry'
        Apply       = { param($path) Edit-StoreDirectory "$($path.RealPath)/etc" { param($directory) [IO.File]::WriteAllText("$directory/demo.conf~", 'color = red') } }
    }
    [pscustomobject]@{
        Name        = 'hello-1.0'
        Description = 'a copy loses an executable bit'
        Expected    = 'ExecutableChanged'
        Apply       = { param($path) [IO.File]::SetUnixFileMode("$($path.RealPath)/bin/hello", 0x124) }
    }
    [pscustomobject]@{
        Name        = 'notes'
        Description = 'the hash in the database is overwritten'
        Expected    = 'RowHash'
        Apply       = { param($path) Edit-StoreRow $path }
    }
}
