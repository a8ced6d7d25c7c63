@echo off
rem The engine prefers this over PulumiPlugin.yaml: the plugin then starts at once, without the language host.
setlocal
set "python=%~dp0..\.venv\Scripts\python.exe"
if not exist "%python%" if defined VIRTUAL_ENV set "python=%VIRTUAL_ENV%\Scripts\python.exe"
if not exist "%python%" set "python=python"
"%python%" "%~dp0." %*
